"""Operations of IAM that moto does not have (client ids of identity providers, service-specific credentials) or does otherwise than AWS."""


def install() -> None:
    """Gives moto's IAM the missing operations."""
    from moto.core.responses import ActionResult, EmptyResult
    from moto.iam.responses import IamResponse

    def add_client_id(self: IamResponse) -> ActionResult:
        provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
        client = self._get_param("ClientID")
        if client not in provider.client_id_list:
            provider.client_id_list = [*provider.client_id_list, client]
        return EmptyResult()

    def remove_client_id(self: IamResponse) -> ActionResult:
        provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
        client = self._get_param("ClientID")
        provider.client_id_list = [one for one in provider.client_id_list if one != client]
        return EmptyResult()

    def list_service_specific_credentials(self: IamResponse) -> ActionResult:
        self.backend.get_user(self._get_param("UserName"))
        return ActionResult({"ServiceSpecificCredentials": []})

    def update_role(self: IamResponse) -> ActionResult:
        """Keeps the description where the call does not say one."""
        role = self.backend.get_role(self._get_param("RoleName"))
        description = self._get_param("Description")
        role.description = role.description if description is None else description
        role.max_session_duration = self._get_param("MaxSessionDuration", 3600)
        return EmptyResult()

    IamResponse.update_role = update_role
    IamResponse.add_client_id_to_open_id_connect_provider = add_client_id
    IamResponse.remove_client_id_from_open_id_connect_provider = remove_client_id
    IamResponse.list_service_specific_credentials = list_service_specific_credentials

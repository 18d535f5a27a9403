"""CodeCommit repositories, CodeDeploy applications and groups, and ECR (which is moto's)."""

from typing import Any

from conftest import Account, eventually, refused


def test_a_repository_lives(account: Account) -> None:
    client = account.client("codecommit")
    given = {"repositoryName": "shop", "repositoryDescription": "the shop", "tags": {"team": "shop"}}
    created = client.create_repository(**given)["repositoryMetadata"]
    assert created["Arn"] == f"arn:aws:codecommit:us-east-1:{account.number}:shop"
    assert refused(client.create_repository, **given)[0] == "RepositoryNameExistsException"
    client.update_repository_description(repositoryName="shop", repositoryDescription="")
    client.update_repository_name(oldName="shop", newName="store")
    shown = client.get_repository(repositoryName="store")["repositoryMetadata"]
    assert shown["cloneUrlHttp"].endswith("/repos/store")
    assert "repositoryDescription" not in shown
    assert client.list_tags_for_resource(resourceArn=shown["Arn"])["tags"] == {"team": "shop"}
    assert [entry["repositoryName"] for entry in client.list_repositories()["repositories"]] == ["store"]
    assert client.delete_repository(repositoryName="store")["repositoryId"] == created["repositoryId"]
    code, message = refused(client.get_repository, repositoryName="store")
    assert (code, message) == ("RepositoryDoesNotExistException", "store does not exist")


def test_a_repository_keeps_its_triggers(account: Account) -> None:
    client = account.client("codecommit")
    client.create_repository(repositoryName="shop")
    assert client.get_repository_triggers(repositoryName="shop")["triggers"] == []
    trigger = {"name": "all", "destinationArn": "arn:aws:sns:us-east-1:1:t", "branches": [], "events": ["all"]}
    put = client.put_repository_triggers(repositoryName="shop", triggers=[trigger])
    shown = client.get_repository_triggers(repositoryName="shop")
    assert (shown["configurationId"], shown["triggers"]) == (put["configurationId"], [trigger])


def test_an_approval_rule_template_holds_for_repositories(account: Account) -> None:
    client = account.client("codecommit")
    client.create_repository(repositoryName="shop")
    name = {"approvalRuleTemplateName": "two"}
    made = client.create_approval_rule_template(**name, approvalRuleTemplateContent="{}")["approvalRuleTemplate"]
    changed = client.update_approval_rule_template_content(
        **name, newRuleContent='{"Version":"2018-11-08"}', existingRuleContentSha256=made["ruleContentSha256"]
    )["approvalRuleTemplate"]
    assert changed["ruleContentSha256"] != made["ruleContentSha256"]
    client.associate_approval_rule_template_with_repository(**name, repositoryName="shop")
    client.update_repository_name(oldName="shop", newName="store")
    assert client.list_repositories_for_approval_rule_template(**name)["repositoryNames"] == ["store"]
    assert refused(client.delete_approval_rule_template, **name)[0] == "ApprovalRuleTemplateInUseException"
    client.disassociate_approval_rule_template_from_repository(**name, repositoryName="store")
    client.delete_approval_rule_template(**name)
    code, _ = refused(client.get_approval_rule_template, **name)
    assert code == "ApprovalRuleTemplateDoesNotExistException"


def test_a_deployment_group_comes_back(account: Account) -> None:
    client = account.client("codedeploy")
    client.create_application(applicationName="shop", computePlatform="Server", tags=[{"Key": "a", "Value": "b"}])
    given: dict[str, Any] = {
        "applicationName": "shop",
        "deploymentGroupName": "live",
        "serviceRoleArn": account.role("codedeploy"),
        "alarmConfiguration": {"enabled": True, "ignorePollAlarmFailure": True, "alarms": [{"name": "errors"}]},
        "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
        "ec2TagSet": {"ec2TagSetList": [[{"Key": "k", "Value": "v", "Type": "KEY_AND_VALUE"}]]},
    }
    client.create_deployment_group(**given)
    read = {"applicationName": "shop", "deploymentGroupName": "live"}
    shown = client.get_deployment_group(**read)["deploymentGroupInfo"]
    assert {key: shown[key] for key in given} == given
    assert shown["deploymentConfigName"] == "CodeDeployDefault.OneAtATime"
    client.update_deployment_group(
        applicationName="shop", currentDeploymentGroupName="live", newDeploymentGroupName="prod", ec2TagSet={}
    )
    client.update_deployment_group(
        applicationName="shop", currentDeploymentGroupName="prod", autoScalingGroups=["web"]
    )
    client.update_deployment_group(
        applicationName="shop", currentDeploymentGroupName="prod", loadBalancerInfo={}, ec2TagSet={"ec2TagSetList": []}
    )
    found = client.batch_get_deployment_groups(applicationName="shop", deploymentGroupNames=["prod", "live"])
    assert [entry["deploymentGroupName"] for entry in found["deploymentGroupsInfo"]] == ["prod"]
    assert found["deploymentGroupsInfo"][0]["autoScalingGroups"] == [{"name": "web"}]
    assert not {"loadBalancerInfo", "ec2TagSet"} & found["deploymentGroupsInfo"][0].keys()
    assert client.list_deployment_groups(applicationName="shop")["deploymentGroups"] == ["prod"]
    client.delete_application(applicationName="shop")
    assert client.list_applications()["applications"] == []
    assert refused(client.get_deployment_group, **read)[0] == "ApplicationDoesNotExistException"


def test_a_deployment_succeeds(account: Account) -> None:
    client = account.client("codedeploy")
    client.create_application(applicationName="shop")
    group = {"applicationName": "shop", "deploymentGroupName": "live"}
    client.create_deployment_group(**group, serviceRoleArn=account.role("codedeploy"))
    deployment = client.create_deployment(**group)["deploymentId"]
    assert eventually(lambda: client.get_deployment(deploymentId=deployment)["deploymentInfo"]["status"] == "Succeeded")


def test_deployment_configurations(account: Account) -> None:
    client = account.client("codedeploy")
    healthy = {"type": "HOST_COUNT", "value": 2}
    client.create_deployment_config(deploymentConfigName="two", minimumHealthyHosts=healthy)
    shown = client.get_deployment_config(deploymentConfigName="two")["deploymentConfigInfo"]
    assert shown["minimumHealthyHosts"] == healthy
    assert "CodeDeployDefault.OneAtATime" in client.list_deployment_configs()["deploymentConfigsList"]
    client.delete_deployment_config(deploymentConfigName="two")
    code, _ = refused(client.get_deployment_config, deploymentConfigName="two")
    assert code == "DeploymentConfigDoesNotExistException"


def test_container_repositories_are_motos(account: Account) -> None:
    client = account.client("ecr")
    client.create_repository(repositoryName="shop", imageScanningConfiguration={"scanOnPush": True})
    client.put_image_scanning_configuration(repositoryName="shop", imageScanningConfiguration={})
    (shown,) = client.describe_repositories()["repositories"]
    assert shown["imageScanningConfiguration"] == {"scanOnPush": False}
    assert [entry["repositoryName"] for entry in client.describe_repositories()["repositories"]] == ["shop"]

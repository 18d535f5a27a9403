"""Container repositories: moto's, but for what it gets wrong."""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.moto import call_moto

from .api import Api, Request

API = Api("ecr", moto=True)


@API.operation("PutImageScanningConfiguration")
def put_image_scanning_configuration(context: RequestContext, request: Request) -> dict[str, Any]:
    """SDKs leave out what is false; moto takes that for no change."""
    from moto.ecr.models import ecr_backends

    answer = call_moto(context)
    repository = ecr_backends[context.account_id][context.region].repositories[request["repositoryName"]]
    wanted = {"scanOnPush": bool(request["imageScanningConfiguration"].get("scanOnPush"))}
    repository.image_scanning_configuration = wanted
    return {**answer, "imageScanningConfiguration": wanted}

"""The function: its packages are in the layers."""

import orjson
from pydantic import BaseModel


class Answer(BaseModel):
    received: dict


def handler(event, context):
    return {"statusCode": 200, "body": orjson.dumps(Answer(received=event).model_dump()).decode()}

"""The function: its packages are in the layer."""

from pydantic import BaseModel


class Answer(BaseModel):
    received: dict


def handler(event, context):
    return Answer(received=event).model_dump()

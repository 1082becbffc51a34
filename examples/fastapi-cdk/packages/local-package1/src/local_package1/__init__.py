"""A package of our own, which the function finds in the layer `whl`; pydantic is in the layer below."""

from pydantic import BaseModel


class Greeting(BaseModel):
    to: str
    message: str


def greet(name: str) -> Greeting:
    return Greeting(to=name, message=f"Hello, {name}, from a wheel of our own!")

"""The function: a FastAPI app that Lambda Web Adapter serves."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def root() -> dict[str, str]:
    return {"message": "Hello from FastAPI on Lambda!"}


@app.get("/items/{item_id}")
def item(item_id: int, q: str | None = None) -> dict[str, int | str | None]:
    return {"item_id": item_id, "q": q}


@app.get("/greetings/{name}")
def greeting(name: str) -> dict[str, str]:
    # Imported where it is used, so that a cold start of the other routes does not wait for it.
    from local_package1 import greet

    return greet(name).model_dump()

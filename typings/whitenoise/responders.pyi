from http import HTTPStatus
from io import BufferedIOBase

class Response:
    status: HTTPStatus
    headers: list[tuple[str, str]]
    file: BufferedIOBase | None

class StaticFile:
    def get_response(self, method: str, request_headers: dict[str, str]) -> Response: ...

class Redirect:
    def get_response(self, method: str, request_headers: dict[str, str]) -> Response: ...

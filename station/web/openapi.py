"""The OpenAPI document of the HTTP API."""

from __future__ import annotations

from typing import Any

from station import __version__


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {
        "items": {"type": "array", "items": of}, "page": {"type": "integer"}, "pages": {"type": "integer"},
        "total": {"type": "integer"},
    }}


def _object(**properties: str) -> dict[str, Any]:
    """An object; each property is "type" or "type?" for one that may be null."""
    return {"type": "object", "properties": {
        name: {"type": [kind[:-1], "null"] if kind.endswith("?") else kind} for name, kind in properties.items()
    }}


_BULLETIN = _object(id="integer", title="string", state="string", priority="string", created_at="string")
_PROGRAM = _object(id="integer", title="string", state="string", template="string", air_date="string?")
_AIRING = _object(slot="string", start="string", end="string", outcome="string?", reason="string")
_SENT = _object(
    id="integer", start="string", end="string", title="string", source="string", outcome="string", level_dbfs="number?",
    peak_dbfs="number?", sha256="string", approved_by="string",
)
_NOTICE = _object(
    id="integer", state="string", test="boolean", content="string", requested_at="string", accepted_at="string?",
    first_sample_at="string?", ended_at="string?", reason="string",
)
_STATUS = _object(
    alive="boolean", source="string", source_label="string", title="string", position="number", duration="number",
    rms="number", peak="number", next_title="string", next_at="string",
)


def _parameter(name: str, words: str, kind: str = "string", where: str = "query") -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "description": words, "schema": {"type": kind}}


def _get(summary: str, scope: str, answer: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    return {"get": {
        "summary": summary, "security": [{"token": [scope]}], "x-scope": scope, "parameters": list(parameters),
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": answer}}},
            "401": {"$ref": "#/components/responses/Refused"}, "403": {"$ref": "#/components/responses/Refused"},
        },
    }}


_PAGE = _parameter("page", "Trang, từ 1", "integer")


def openapi() -> dict[str, Any]:
    """The document, OpenAPI 3.1."""
    create = {
        "summary": "Gửi một bản tin vào đài; bản tin chờ người soát lại", "security": [{"token": ["bulletins:write"]}],
        "x-scope": "bulletins:write",
        "requestBody": {"required": True, "content": {
            "application/json": {"schema": {**_object(title="string", text="string", priority="string"), "required": ["text"]}},
            "multipart/form-data": {"schema": {"type": "object", "properties": {
                "files": {"type": "array", "items": {"type": "string", "format": "binary"}}, "priority": {"type": "string"},
            }}},
        }},
        "responses": {
            "201": {"description": "Created", "content": {"application/json": {"schema": _BULLETIN}}},
            "401": {"$ref": "#/components/responses/Refused"}, "403": {"$ref": "#/components/responses/Refused"},
            "409": {"$ref": "#/components/responses/Refused"},
        },
    }
    refused = {str(code): {"$ref": "#/components/responses/Refused"} for code in (400, 401, 403, 409)}
    notice = {"description": "The notice", "content": {"application/json": {"schema": _NOTICE}}}
    emergency = {
        "summary": "Phát một thông báo khẩn cấp; cùng một key thì chỉ phát một lần", "security": [{"token": ["emergency:write"]}],
        "x-scope": "emergency:write",
        "requestBody": {"required": True, "content": {"application/json": {"schema": {
            **_object(content="string", confirmation="string", key="string", test="boolean", repeats="integer", signal="string"),
            "required": ["content", "confirmation", "key"],
        }}}},
        "responses": {"201": notice, "200": notice, **refused},
    }
    emergency_stop = {
        "summary": "Dừng một thông báo khẩn cấp", "security": [{"token": ["emergency:write"]}], "x-scope": "emergency:write",
        "parameters": [_parameter("emergency_id", "Số của thông báo", "integer", "path")],
        "responses": {"200": notice, **refused},
    }
    bulletins = _get("Danh sách bản tin, mới nhất trước", "bulletins:read", _list(_BULLETIN), _PAGE, _parameter("state", "Tình trạng"))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Đài truyền thanh xã", "version": __version__,
                 "description": "Các việc của đài cho phần mềm khác. Mã truy cập được tạo ở trang Tài khoản."},
        "paths": {
            "/api/v1/status": _get("Đang phát gì", "status:read", _STATUS),
            "/api/v1/bulletins": {**bulletins, "post": create},
            "/api/v1/bulletins/{bulletin_id}": _get(
                "Một bản tin và nội dung sẽ đọc", "bulletins:read",
                {**_BULLETIN, "properties": {**_BULLETIN["properties"], "text": {"type": "string"}, "problem": {"type": "string"}}},
                _parameter("bulletin_id", "Số của bản tin", "integer", "path"),
            ),
            "/api/v1/programs": _get("Danh sách chương trình", "programs:read", _list(_PROGRAM), _PAGE, _parameter("state", "Tình trạng")),
            "/api/v1/programs/{program_id}": _get(
                "Một chương trình", "programs:read",
                _object(id="integer", title="string", state="string", air_date="string?", seconds="number?", sha256="string?", script="string"),
                _parameter("program_id", "Số của chương trình", "integer", "path"),
            ),
            "/api/v1/occurrences": _get(
                "Lịch phát và kết quả", "schedule:read", {"type": "object", "properties": {"items": {"type": "array", "items": _AIRING}}},
                _parameter("from", "Ngày đầu, YYYY-MM-DD"), _parameter("days", "Số ngày, tối đa 31", "integer"),
            ),
            "/api/v1/log": _get(
                "Nhật ký phát sóng", "log:read", _list(_SENT), _parameter("from", "Ngày đầu"), _parameter("to", "Ngày cuối"), _PAGE,
            ),
            "/api/v1/emergencies": {
                **_get("Các thông báo khẩn cấp, mới nhất trước", "emergency:write", _list(_NOTICE), _PAGE), "post": emergency,
            },
            "/api/v1/emergencies/{emergency_id}/stop": {"post": emergency_stop},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {"Refused": {
                "description": "Refused, with a sentence in Vietnamese",
                "content": {"application/json": {"schema": _object(error="string", message="string", mend="string")}},
            }},
        },
    }

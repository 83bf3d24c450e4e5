"""Every error as a page (or JSON) with a sentence and a way on."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, flash, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from station.config import Settings
from station.db import Database
from station.errors import StationError

log = logging.getLogger(__name__)


def wants_json() -> bool:
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json")


def _sentence(code: int) -> tuple[str, str]:
    sentences = {
        400: (_("Yêu cầu chưa hợp lệ."), _("Hãy quay lại trang trước và thử lại.")),
        401: (_("Phiên đăng nhập đã kết thúc."), _("Hãy đăng nhập lại rồi làm tiếp.")),
        403: (_("Tài khoản này không có quyền làm việc đó."), _("Nếu cần, hãy đề nghị quản trị viên cấp quyền.")),
        404: (_("Không có trang này."), _("Có thể nội dung đã được chuyển hoặc xóa. Hãy về trang Hôm nay.")),
        405: (_("Trang này không nhận yêu cầu như vậy."), _("Hãy về trang Hôm nay.")),
        413: (_("Tệp gửi lên quá lớn."), _("Hãy chụp lại với cỡ ảnh nhỏ hơn hoặc gửi từng trang.")),
        429: (_("Có quá nhiều yêu cầu cùng lúc."), _("Hãy đợi một phút rồi thử lại.")),
    }
    return sentences.get(
        code, (_("Trang gặp lỗi."), _("Việc phát sóng không bị ảnh hưởng. Hãy thử lại; nếu vẫn lỗi, hãy báo quản trị viên."))
    )


def local_referrer(default: str) -> str:
    """The path of the page that sent this form, when it is one of ours."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or not parts.path.startswith("/") or parts.path.startswith("//"):
        return default
    return parts.path + (f"?{parts.query}" if parts.query else "")


def init_app(app: Flask, settings: Settings, database: Database) -> None:
    @app.errorhandler(StationError)
    def station_error(error: StationError) -> BaseResponse | tuple[Response, int] | tuple[str, int]:
        log.info("refused %s %s: %s (%s)", request.method, request.path, error.code, error.detail)
        if wants_json():
            return jsonify(error=error.code, message=error.message, mend=error.mend), 409
        if request.method == "POST" and request.referrer:
            flash(error.for_staff(), "danger")
            return redirect(local_referrer("/"), 303)
        return render_template("error.html", title=error.message, mend=error.mend), 409

    @app.errorhandler(CSRFError)
    def csrf_error(error: CSRFError) -> tuple[Response, int] | tuple[str, int]:
        message = _("Phiên làm việc đã thay đổi nên yêu cầu chưa được thực hiện.")
        mend = _("Hãy mở lại trang rồi làm lại một lần nữa.")
        if wants_json():
            return jsonify(error="csrf", message=message, mend=mend), 400
        return render_template("error.html", title=message, mend=mend), 400

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> BaseResponse | tuple[Response, int] | tuple[str, int]:
        if error.response is not None:
            return error.get_response()
        code = error.code or 500
        message, mend = _sentence(code)
        if wants_json():
            return jsonify(error=f"http.{code}", message=message, mend=mend), code
        return render_template("error.html", title=message, mend=mend), code

"""From paper to text in reading order: intake, page preparation, OCR, layout."""

from __future__ import annotations

from station.bulletins.check import check_upload, problem_text
from station.bulletins.document import Document
from station.bulletins.document_json import document_from_json, document_to_json
from station.bulletins.read import SUPPORTED_SUFFIXES, read_bulletin

__all__ = [
    "SUPPORTED_SUFFIXES", "Document", "check_upload", "document_from_json", "document_to_json", "problem_text",
    "read_bulletin",
]

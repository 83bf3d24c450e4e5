"""What is wrong with a page, in words; apart from the looking, so that who only says it loads no picture library."""

from __future__ import annotations

#: what each code of ``Page.problems`` means for staff
PROBLEM_TEXT: dict[str, str] = {
    "blur": "Ảnh bị mờ, nhòe. Hãy giữ chắc máy và chụp lại.",
    "dark": "Ảnh quá tối. Hãy chụp lại ở nơi đủ sáng.",
    "glare": "Ảnh bị lóa sáng che mất chữ. Hãy đổi góc và chụp lại, không bật đèn nháy.",
    "cut": "Trang giấy bị cắt mất một phần. Hãy chụp lại cho thấy đủ bốn góc.",
    "low_resolution": "Chữ trong ảnh quá nhỏ. Hãy chụp lại gần hơn hoặc quét ở 300 điểm một inch.",
    "blank": "Trang không có chữ nào.",
    "not_text": "Ảnh này không phải trang văn bản.",
    "handwriting": "Trang có chữ viết tay; phần mềm không đọc chữ viết tay, hãy gõ lại phần đó.",
    "other_language": "Chữ trong trang không phải tiếng Việt.",
    "screenshot": "Đây có vẻ là ảnh chụp màn hình tin nhắn. Hãy kiểm tra nguồn tin trước khi phát.",
    "timeout": "Trang này mất quá nhiều thời gian nên chưa đọc được. Hãy thử tải lại riêng trang này.",
    "failed": "Trang này chưa đọc được. Bản gốc vẫn được giữ.",
    "doubtful": "Nhiều chữ đọc chưa chắc. Nên chụp lại trang này.",
}

"""Names, places, times and amounts for invented bulletins.  Nothing here is a real person or number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Mai", "Trịnh", "Quách")
_MIDDLE = ("Văn", "Thị", "Đình", "Hữu", "Minh", "Ngọc", "Quang", "Thanh", "Xuân", "Đức", "Thúy", "Hồng", "Bá", "Công")
_GIVEN = ("Sửu", "Thưởng", "Hưởng", "Tuyết", "Quyền", "Nghĩa", "Phượng", "Khuê", "Toản", "Lượng", "Hiển", "Ngoãn", "Thoa",
          "Dậu", "Vượng", "Hiếu", "Kỷ", "Uyên", "Trường", "Bưởi", "Sáng", "Mẫn", "Thủy", "Hòe", "Lãm", "Diễm", "Cường")
_COMMUNES = ("Hoa Lộc", "Vĩnh Thủy", "Tân Hưởng", "Yên Khuê", "Phú Ngãi", "Cẩm Bưởi", "Đông Quỳ", "Thạch Sơn", "Mường Vả", "Lũng Cẩm",
             "Bình Khánh Đông", "Quảng Thượng", "Hải Nghĩa", "Trường Lệ", "Ea Hnin", "Sơn Hạ")
_HAMLETS = ("Đông Hải", "Tân Thành", "Bái Thượng", "Cồn Ngao", "Yên Trữ", "Làng Vạc", "Gò Sỏi", "Phú Quý", "Bến Đò", "Nà Lốc", "Trung Chính",
            "Ngọc Đường", "Xuân Áng", "Hòa Thuận", "Khe Giữa", "Cẩm Tú", "Đồng Vẹt", "Mỹ Lợi", "Pù Nhuổi", "Quyết Thắng", "Sơn Thủy", "Kẻ Bượn")
_PLACES = ("nhà văn hóa {hamlet}", "hội trường UBND xã", "sân vận động xã", "Trạm Y tế xã", "trường Tiểu học {commune}", "đình làng {hamlet}",
           "trụ sở Hợp tác xã", "bưu điện văn hóa xã", "chợ {commune}", "nhà sinh hoạt cộng đồng {hamlet}")
_DAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass
class Writer:
    """Whoever writes a bulletin: a commune with its words and habits, drawn from ``random``."""

    random: np.random.Generator
    commune: str = ""
    unit: str = ""
    hamlets: list[str] = field(default_factory=list)
    day: int = 1
    month: int = 1
    year: int = 2026
    phone_style: int = 0
    hour_style: int = 0

    def __post_init__(self) -> None:
        self.commune = self.pick(_COMMUNES)
        self.unit = self.pick(("thôn", "thôn", "thôn", "ấp", "xóm", "bản", "tổ dân phố"))
        order = self.random.permutation(len(_HAMLETS))
        self.hamlets = [_HAMLETS[index] for index in order]
        self.day, self.month = int(self.random.integers(1, 29)), int(self.random.integers(1, 13))
        self.year = int(self.random.integers(2025, 2028))
        self.phone_style, self.hour_style = int(self.random.integers(4)), int(self.random.integers(4))

    def pick(self, choices):
        """One of ``choices``."""
        return choices[int(self.random.integers(len(choices)))]

    def number(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def person(self) -> str:
        return f"{self.pick(_FAMILY)} {self.pick(_MIDDLE)} {self.pick(_GIVEN)}"

    def hamlet(self) -> str:
        return f"{self.unit} {self.pick(self.hamlets)}"

    def phone(self) -> str:
        a, b = self.number(100, 999), self.number(100, 999)
        land = f"02{self.number(10, 99)}"
        return (f"0900 {a} {b}", f"0900.{a}.{b}", f"0900{a}{b}", f"{land} 3{self.number(10, 99)} {a}")[self.phone_style]

    def date(self) -> str:
        """A day a little after that of the bulletin."""
        day = min(28, self.day + self.number(0, 9))
        style = self.number(0, 3)
        if style == 0:
            return f"ngày {day:02d}/{self.month:02d}/{self.year}"
        if style == 1:
            return f"ngày {day:02d} tháng {self.month:02d} năm {self.year}"
        return f"ngày {day}/{self.month}/{self.year}" if style == 2 else f"ngày {day}/{self.month}"

    def short_date(self) -> str:
        return f"{min(28, self.day + self.number(0, 12)):02d}/{self.month:02d}/{self.year}"

    def hour(self, low: int = 6, high: int = 20) -> str:
        hour, minute = self.number(low, high), self.pick((0, 0, 15, 30, 45))
        written = (f"{hour}h{minute:02d}", f"{hour} giờ {minute:02d}", f"{hour:02d} giờ {minute:02d} phút", f"{hour}g{minute:02d}")
        return written[self.hour_style] if minute or self.hour_style != 1 else f"{hour} giờ"

    def money(self) -> str:
        amount = self.number(2, 990) * self.pick((500, 1000, 5000, 10000, 50000))
        return f"{amount:,} đồng".replace(",", ".")

    def place(self) -> str:
        return self._filled(self.pick(_PLACES))

    def fill(self, template: str) -> str:
        """``template`` with its slots filled, each time anew; sentences begin with a capital."""
        return re.sub(r"(^|[.!?] )([a-zà-ỹđ])", lambda m: m.group(1) + m.group(2).upper(), self._filled(template))

    def _filled(self, template: str) -> str:
        makers = {
            "commune": lambda: self.commune, "hamlet": self.hamlet, "person": self.person, "phone": self.phone, "date": self.date,
            "hour": self.hour, "money": self.money, "place": self.place, "weekday": lambda: self.pick(_DAYS),
            "few": lambda: str(self.number(2, 9)), "some": lambda: str(self.number(11, 98)), "many": lambda: f"{self.number(1, 9)}.{self.number(100, 999)}",
            "percent": lambda: f"{self.number(3, 99)},{self.number(1, 9)}%", "year": lambda: str(self.year), "month": lambda: str(self.month),
            "unit": lambda: self.unit, "code": lambda: f"{self.number(2, 400)}/{self.pick(('KH-UBND', 'TB-UBND', 'QĐ-UBND', 'CV-BCĐ', 'NQ-HĐND'))}",
            "number": lambda: str(self.number(1, 300)),
        }
        return _SLOT.sub(lambda match: makers[match.group(1)](), template)

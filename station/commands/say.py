"""``station say``: a text as speech in a WAV file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from station.config import load_settings


@click.command()
@click.option("--voice", default="", metavar="GIỌNG", help="Mã giọng (xem 'station voices list'); bỏ trống: giọng mặc định.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Tệp WAV cần ghi.")
@click.option("--speed", default=1.0, metavar="SỐ", help="Nhanh hay chậm hơn, 0.5 đến 2.")
@click.option("--pitch", default=0.0, metavar="SỐ", help="Cao hay thấp hơn, tính bằng nửa cung, -6 đến 6.")
@click.option("--pauses", default=1.0, metavar="SỐ", help="Quãng nghỉ giữa các câu dài gấp mấy lần, 0.3 đến 3.")
@click.argument("text", required=False)
@click.pass_context
def say(
    ctx: click.Context, voice: str, out: Path, speed: float, pitch: float, pauses: float, text: str | None
) -> None:
    """Đọc TEXT (hoặc chữ từ đầu vào chuẩn) thành tiếng, ghi ra một tệp WAV."""
    from station.voices.delivery import parse_delivery
    from station.voices.speak import say as speak

    settings = load_settings(ctx.obj["home"])
    delivery = parse_delivery({"speed": speed, "pitch": pitch, "pauses": pauses})
    utterances = speak(sys.stdin.read() if text is None else text, voice, settings, out, delivery)
    for utterance in utterances:
        if utterance.problem:
            click.echo(f"Lưu ý: {utterance.problem} («{utterance.spoken[:60]}»)", err=True)
    seconds = sum(u.seconds + u.pause_seconds for u in utterances)
    click.echo(f"Đã ghi {out}: {len(utterances)} câu, {seconds:.1f} giây, giọng {utterances[0].voice}.", err=True)

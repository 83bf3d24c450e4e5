"""Models with invented weights, run as a script: ``python tests/voices/make_models.py FOLDER NAME...``.

They go through the real engines and give valid audio that means nothing; each Coqui voice is heard when it is made,
so that a whisper stops here and not in a test of something else.  Names: coqui, coqui-speakers, coqui-mms, coqui-xtts, piper-vi;
``coqui@12`` is made from the seed 12.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TINY = dict(
    hidden_channels=16, hidden_channels_ffn_text_encoder=16, num_heads_text_encoder=1, num_layers_text_encoder=1,
    num_layers_posterior_encoder=1, num_layers_flow=1, use_sdp=False, upsample_initial_channel_decoder=32,
    length_scale=3.0,
)
SEED = 7
HEARD = "ngày mai xã tổ chức tiêm phòng cho đàn gia súc, đề nghị bà con đưa trâu bò đến sân kho."


def _listen(folder: Path) -> None:
    """Raise unless every speaker of the model says a sentence that the station would let pass."""
    import numpy as np

    from station.voices.checks import check_speech
    from station.voices.engines.coqui import Engine

    speakers = ("lan", "hoa") if (folder / "speakers.pth").is_file() else ("",)
    for speaker in speakers:
        engine = Engine(folder, {"speaker": speaker} if speaker else {})
        for text in (HEARD, "xin cảm ơn."):
            problem = check_speech(np.frombuffer(engine.speak(text, 1.0), "<f4"), engine.sample_rate, text)
            if problem is not None:
                raise RuntimeError(f"the invented model {folder} is no voice for tests: {problem.value}")


def _vits(folder: Path, seed: int, **args: Any) -> None:
    import torch
    from TTS.tts.models.vits import Vits

    from station.voices.engines.vits import make_audible, vietnamese_config

    config = vietnamese_config(
        {"init_discriminator": False, **args}, use_speaker_embedding=bool(args.get("use_speaker_embedding"))
    )
    if args.get("use_speaker_embedding"):
        config.speakers_file = config.model_args.speakers_file = str(folder / "speakers.pth")
        torch.save({"lan": 0, "hoa": 1}, folder / "speakers.pth")
    torch.manual_seed(seed)
    model = make_audible(Vits(config))
    if args.get("use_speaker_embedding"):  # as published: the path of the machine it was trained on
        config.speakers_file = config.model_args.speakers_file = "/home/trainer/output/speakers.pth"
    config.save_json(folder / "config.json")
    torch.save({"model": model.state_dict()}, folder / "model_file.pth")
    _listen(folder)


def _mms(folder: Path, seed: int) -> None:
    """The layout of Meta's MMS voices: fairseq's names of weights, ``vocab.txt``, a config of another kind."""
    import re

    import torch
    from TTS.tts.configs.vits_config import VitsConfig
    from TTS.tts.models.vits import Vits

    from station.voices.engines.vits import make_audible

    vocabulary = ["|", *"'abcdeghiklmnopqrstuvxyàáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", " ", "–"]
    config = VitsConfig()
    config.model_args.init_discriminator = False
    torch.manual_seed(seed)
    model = make_audible(Vits(config))
    model.text_encoder.emb = torch.nn.Embedding(len(vocabulary), config.model_args.hidden_channels)
    weights = {}
    flows = {"2": "3", "3": "5", "4": "7"}
    for key, value in model.state_dict().items():
        key = key.replace(".parametrizations.weight.original0", ".weight_g")
        key = key.replace(".parametrizations.weight.original1", ".weight_v")
        key = re.sub(r"^flow\.flows\.([123])\.", lambda m: f"flow.flows.{int(m[1]) * 2}.", key)
        if key.startswith("duration_predictor."):
            key = "dp." + key.removeprefix("duration_predictor.")
            key = re.sub(r"(flows\.)([234])\.", lambda m: f"{m[1]}{flows[m[2]]}.", key)
            key = key.replace("flows.0.translation", "flows.0.m").replace("flows.0.log_scale", "flows.0.logs")
        for ours, theirs in (("text_encoder.", "enc_p."), ("waveform_decoder.", "dec."), ("posterior_encoder.", "enc_q.")):
            key = theirs + key.removeprefix(ours) if key.startswith(ours) else key
        weights[key] = value
    torch.save({"model": weights}, folder / "G_100000.pth")
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    data = {"sampling_rate": 16000, "training_files": "train.ltr", "add_blank": True}
    (folder / "config.json").write_text(json.dumps({"data": data}), encoding="utf-8")
    _listen(folder)


def _xtts(folder: Path, seed: int) -> None:
    """An XTTS that clones a voice, as viXTTS is published: ``model.pth``, ``config.json`` that lists "vi", ``vocab.json``,
    no file of speakers.  Its speaker encoder is of full size: it has no other."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
    from TTS.tts.models.xtts import Xtts

    from station.voices.engines.vits import LETTERS

    special = ["[STOP]", "[UNK]", "[SPACE]", "[START]", "[vi]"]
    vocabulary = {token: number for number, token in enumerate([*special, *LETTERS, ".", ","])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(folder / "vocab.json"))
    config = XttsConfig(model_args=XttsArgs(
        gpt_layers=1, gpt_n_model_channels=64, gpt_n_heads=1, gpt_max_audio_tokens=40, gpt_max_text_tokens=300,
        gpt_number_text_tokens=len(vocabulary), gpt_start_text_token=3, gpt_stop_text_token=0, gpt_num_audio_tokens=34,
        gpt_start_audio_token=32, gpt_stop_audio_token=33, gpt_use_perceiver_resampler=True, decoder_input_dim=64,
    ))
    config.languages = [*config.languages, "vi"]
    torch.manual_seed(seed)
    model = Xtts(config)
    model.mel_stats = torch.ones(80)
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    config.save_json(folder / "config.json")


def _piper(folder: Path) -> None:
    """A Piper voice for Vietnamese whose sound is a rising tone as long as its phonemes say."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    def constant(name: str, value: Any) -> onnx.TensorProto:
        return numpy_helper.from_array(np.asarray(value), name)

    nodes = [
        helper.make_node("Cast", ["input_lengths"], ["count"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["scales", "one"], ["scale"], axis=0),
        helper.make_node("Mul", ["count", "scale"], ["scaled"]),
        helper.make_node("Mul", ["scaled", "hop"], ["limits"]),
        helper.make_node("Squeeze", ["limits"], ["limit"]),
        helper.make_node("Range", ["zero", "limit", "step"], ["index"]),
        helper.make_node("Mul", ["index", "index"], ["square"]),
        helper.make_node("Mul", ["square", "sweep"], ["rising"]),
        helper.make_node("Mul", ["index", "tone"], ["steady"]),
        helper.make_node("Add", ["rising", "steady"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["sine"]),
        helper.make_node("Mul", ["sine", "level"], ["wave"]),
        helper.make_node("Unsqueeze", ["wave", "axes"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes, "invented",
        [helper.make_tensor_value_info("input", TensorProto.INT64, [1, None]),
         helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
         helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, None])],
        [constant("one", [1]), constant("hop", np.float32(500.0)), constant("zero", np.float32(0)),
         constant("step", np.float32(1)), constant("sweep", np.float32(1e-6)), constant("tone", np.float32(0.05)),
         constant("level", np.float32(0.3)), constant("axes", [0, 1])],
    )
    graph.initializer[0].CopyFrom(constant("one", np.array([1], dtype=np.int64)))
    graph.initializer[-1].CopyFrom(constant("axes", np.array([0, 1], dtype=np.int64)))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, folder / "vi.onnx")
    config = {
        "num_symbols": 256, "num_speakers": 1, "audio": {"sample_rate": 22050}, "espeak": {"voice": "vi"},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP, "inference": {"length_scale": 1.0}, "speaker_id_map": {},
    }
    (folder / "vi.onnx.json").write_text(json.dumps(config), encoding="utf-8")


def main(root: Path, names: list[str]) -> None:
    if any(name.startswith("coqui") for name in names):
        from station.voices.engines.coqui import import_without_cuda

        import_without_cuda()
    for wanted in names:
        name, _, number = wanted.partition("@")
        seed, folder = int(number or SEED), root / wanted
        folder.mkdir(parents=True, exist_ok=True)
        if name == "coqui":
            _vits(folder, seed, **TINY)
        elif name == "coqui-speakers":
            _vits(folder, seed, **TINY, use_speaker_embedding=True, speaker_embedding_channels=8)
        elif name == "coqui-xtts":
            _xtts(folder, seed)
        elif name == "coqui-mms":
            _mms(folder, seed)
        elif name == "piper-vi":
            _piper(folder)
        else:
            raise SystemExit(f"unknown model {name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

"""Coqui's trainer on one announcer's recordings: ``python -m station.voices.engines.vits_training JOB_AS_JSON``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from station.voices.engines.vits import vietnamese_config

# after the line above, which makes torchaudio importable
from trainer import Trainer, TrainerArgs  # noqa: E402 # isort: skip
from TTS.config import load_config  # noqa: E402 # isort: skip
from TTS.tts.configs.shared_configs import BaseDatasetConfig  # noqa: E402 # isort: skip
from TTS.tts.datasets import load_tts_samples  # noqa: E402 # isort: skip
from TTS.tts.models.vits import Vits  # noqa: E402 # isort: skip

import numpy as np  # noqa: E402 # isort: skip
import torch  # noqa: E402 # isort: skip

from station.voices.engines.vocabulary import fit_to_vocabulary  # noqa: E402 # isort: skip
from station.voices.training import newest_run, sample_path  # noqa: E402 # isort: skip
from station.voices.wave import write_wav  # noqa: E402 # isort: skip


def configure(job: dict[str, Any]) -> Any:
    """The configuration of the run: the base model's where there is one, ours otherwise."""
    dataset = BaseDatasetConfig(formatter="ljspeech", meta_file_train="metadata.csv", path=job["data"], language="vi")
    config = load_config(Path(job["base"]) / "config.json") if job["base"] else vietnamese_config(job["sizes"])
    config.datasets = [dataset]
    config.output_path = job["output"]
    config.run_name = "giong"
    config.batch_size = config.eval_batch_size = job["batch_size"]
    config.epochs = 1_000_000
    config.save_step = job["save_every"]
    config.print_step = max(1, min(25, job["steps"] // 4))
    config.save_n_checkpoints = 3
    config.save_best_after = job["steps"] * 10
    config.run_eval = False
    config.test_sentences = [["kính chào bà con, mời bà con nghe bản tin sáng nay."]]
    config.test_delay_epochs = max(config.epochs, 1)
    config.num_loader_workers = config.num_eval_loader_workers = 0
    config.mixed_precision = False
    config.audio.sample_rate = job["sample_rate"]
    config.min_audio_len = 1
    return config


def write_sample(model: Any, sentence: str, path: Path) -> None:
    """What the model says by now, for people to hear.  A young model may give nothing at all: then there is no file."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            text = fit_to_vocabulary(sentence, frozenset(model.tokenizer.characters.vocab or ()))
            wav = model.synthesize(text)["wav"]
    finally:
        model.train(was_training)
    samples = np.nan_to_num(np.asarray(wav.cpu() if hasattr(wav, "cpu") else wav, dtype=np.float32).reshape(-1))
    if samples.size:
        write_wav(path, samples, int(model.config.audio.sample_rate))


def main(job: dict[str, Any]) -> None:
    """Train up to ``job["steps"]`` steps, going on from the newest checkpoint."""
    config = configure(job)
    samples, _ = load_tts_samples(config, eval_split=False)
    arguments = TrainerArgs()
    previous = newest_run(Path(job["output"]))
    if previous is not None:
        arguments.continue_path = str(previous)
    elif job["base"]:
        arguments.restore_path = str(Path(job["base"]) / "model_file.pth")
    model = Vits(config)
    trainer = Trainer(arguments, config, job["output"], model=model, train_samples=samples, eval_samples=samples[:1],
                      parse_command_line_args=False)
    end = job["steps"]

    def step_done(current: Trainer) -> None:
        step = current.total_steps_done
        if step and (step % job["save_every"] == 0 or step >= end):
            try:
                write_sample(current._get_model(), job["sentence"], sample_path(Path(job["output"]), step))
            except (RuntimeError, ValueError, OSError) as error:  # nobody should lose a night's training for a sample
                print(f"no sample at step {step}: {error}", file=sys.stderr)
        if current.total_steps_done >= end:
            current.save_checkpoint()
            sys.stdout.flush()
            os._exit(0)  # leaving by an exception makes the trainer delete a young run

    trainer.callbacks.callbacks_on_train_step_end.append(step_done)
    trainer.fit()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

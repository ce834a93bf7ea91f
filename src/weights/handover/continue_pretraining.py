#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Continues the pretraining of a masked autoencoder (MAE or MetaMAE) in PyTorch, on any number of GPUs or machines.

    python continue_pretraining.py --data more.npy --steps 10000
    torchrun --nproc_per_node 8 continue_pretraining.py --data pictures/ --steps 100000
    torchrun --nnodes 2 --nproc_per_node 8 --rdzv_backend c10d --rdzv_endpoint HOST:29500 \\
        continue_pretraining.py --data more.npy --steps 100000

Beside this file lie weights.safetensors, recipe.json, which says what the model is and how it was trained, and
dataset.json, which describes an example. Data are in the units in which the page saw them; what the page did to them
before training (scaling, gaps, categories, spectrograms) is done here too. --data takes

    x.npy     examples along the first axis, each of the shape in dataset.json (read from disk as needed)
    x.csv     a header, then a line an example; for series of several channels a line a step, cut into windows
    x.txt     a line a sequence, for alphabets of single letters
    folder/   images, at any depth (needs Pillow)

The result, continued.safetensors, has the same parameters under the same names: the page imports it, and so does
load_state_dict. The optimiser's moments are not in weights.safetensors and start anew; they are kept beside the result
(continued.optimiser.pt), and --resume goes on from both.

Needs Python 3.8, PyTorch 1.12 or later, and NumPy.
"""
from __future__ import annotations

import argparse
import csv
import json
import math
import os
import struct
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.distributed import DistributedSampler

HERE = Path(__file__).resolve().parent
PROJECTION_WIDTH = 128


# --- Model. N examples, L tokens, K of them visible, D the encoder's width, E the decoder's. ---


class Attention(nn.Module):
    """Multi-head self-attention, spelled out: fused kernels cannot be differentiated twice."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.proj = nn.Linear(width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):  # [N, T, width]
        n, t, width = x.shape
        qkv = self.qkv(x).view(n, t, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)  # each [N, heads, T, width / heads]
        scores = query @ key.transpose(-2, -1) / math.sqrt(width // self.heads)
        mixed = scores.softmax(dim=-1) @ value
        return self.drop(self.proj(mixed.transpose(1, 2).reshape(n, t, width)))


class Mlp(nn.Module):
    def __init__(self, width: int, hidden: int, dropout: float):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.drop(self.fc2(self.drop(F.gelu(self.fc1(x)))))


class Block(nn.Module):
    """Pre-norm transformer block."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads, dropout)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = Mlp(width, hidden, dropout)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbedding(nn.Module):
    """Patches to tokens, [N, L, D]; a table of vectors where the input is symbols."""

    def __init__(self, spec: dict, width: int):
        super().__init__()
        if spec["kind"] == "tokens":
            self.proj = nn.Embedding(spec["vocabulary"], width)
        else:
            convolution = nn.Conv1d if spec["kind"] == "series" else nn.Conv2d
            self.proj = convolution(spec["channels"], width, spec["patch"], stride=spec["patch"])

    def forward(self, x):
        if isinstance(self.proj, nn.Embedding):
            return self.proj(x)
        return self.proj(x).flatten(2).transpose(1, 2)


class Autoencoder(nn.Module):
    """Masked autoencoder. Its parameters carry the names of the file; position tables are among them, untrained."""

    def __init__(self, spec: dict, architecture: dict):
        super().__init__()
        encoder, decoder = architecture["encoder"], architecture["decoder"]
        self.spec = spec
        self.grid = token_grid(spec)
        rows = self.grid[0] * self.grid[1] + 1
        d, e = encoder["width"], decoder["width"]
        self.cls_token = nn.Parameter(torch.zeros(1, 1, d))
        self.pos_embed = nn.Parameter(torch.zeros(1, rows, d), requires_grad=False)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, e))
        self.decoder_pos_embed = nn.Parameter(torch.zeros(1, rows, e), requires_grad=False)
        self.patch_embed = PatchEmbedding(spec, d)
        dropout = architecture["dropout"]
        self.drop = nn.Dropout(dropout)
        self.encoder = self._blocks(encoder, architecture["mlpRatio"], dropout)
        self.norm_enc = nn.LayerNorm(d)
        self.decoder_embed = nn.Linear(d, e)
        self.decoder = self._blocks(decoder, architecture["mlpRatio"], 0.0)
        self.norm_dec = nn.LayerNorm(e)
        self.decoder_head = nn.Linear(e, d if spec["kind"] == "tokens" else token_size(spec))

    @staticmethod
    def _blocks(stack: dict, ratio: float, dropout: float) -> nn.Sequential:
        width = stack["width"]
        blocks = (Block(width, stack["heads"], int(width * ratio), dropout) for _ in range(stack["layers"]))
        return nn.Sequential(*blocks)

    def encode(self, x, visible=None):
        """Latent of the tokens at `visible` [N, K] (all where None): [N, 1 + K, D], the class token first."""
        tokens = self.patch_embed(x) + self.pos_embed[:, 1:]
        if visible is not None:
            tokens = tokens.gather(1, visible[:, :, None].expand(-1, -1, tokens.shape[2]))
        first = (self.cls_token + self.pos_embed[:, :1]).expand(tokens.shape[0], -1, -1)
        return self.norm_enc(self.encoder(self.drop(torch.cat([first, tokens], dim=1))))

    def decode(self, latent, restore):
        """Predictions of all tokens: [N, L, values], or logits [N, L, vocabulary]. `restore` [N, L]: rank of each token."""
        y = self.decoder_embed(latent)
        hidden = self.mask_token.expand(y.shape[0], restore.shape[1] + 1 - y.shape[1], -1)
        tokens = torch.cat([y[:, 1:], hidden], dim=1)
        tokens = tokens.gather(1, restore[:, :, None].expand(-1, -1, tokens.shape[2]))
        y = torch.cat([y[:, :1], tokens], dim=1) + self.decoder_pos_embed
        y = self.decoder_head(self.norm_dec(self.decoder(y)))[:, 1:]
        # Symbols: the embedding table itself turns vectors into logits.
        return y @ self.patch_embed.proj.weight.t() if self.spec["kind"] == "tokens" else y

    def features(self, x):
        """Mean of all tokens' features, [N, D]; call eval() before."""
        return self.encode(x)[:, 1:].mean(dim=1)


class MetaAutoencoder(Autoencoder):
    """The autoencoder with MetaMAE's inner learning rate and projector."""

    def __init__(self, spec: dict, architecture: dict):
        super().__init__(spec, architecture)
        d = architecture["encoder"]["width"]
        self.inner_lr = nn.Parameter(torch.tensor(0.0), requires_grad=False)
        self.projector = nn.Sequential(
            nn.Linear(d, 4 * d, bias=False),
            nn.BatchNorm1d(4 * d),
            nn.ReLU(),
            nn.Linear(4 * d, PROJECTION_WIDTH, bias=False),
        )


def token_grid(spec: dict) -> tuple[int, int]:
    """Rows and columns of tokens; one row for series and symbols."""
    if spec["kind"] == "tokens":
        return 1, spec["length"]
    if spec["kind"] == "series":
        return 1, spec["length"] // spec["patch"]
    return spec["height"] // spec["patch"], spec["width"] // spec["patch"]


def token_size(spec: dict) -> int:
    return spec["channels"] * spec["patch"] ** (2 if spec["kind"] == "grid" else 1)


# --- Losses: a batch and its random numbers in, a scalar out. ---


def draw_mask(noise, mask_ratio: float):
    """Masks from uniform numbers [N, L]: `visible` [N, K] and `restore` [N, L] (ranks), and `mask` [N, L], 1 where masked."""
    tokens = noise.shape[1]
    keep = int(tokens * (1 - mask_ratio))
    order = noise.argsort(dim=1)
    restore = order.argsort(dim=1)
    return order[:, :keep], restore, (restore >= keep).float()


def draw_support(mask, noise, ratio: float, grid: tuple[int, int]):
    """1 for visible tokens, and for a share of the masked ones that touch a visible one (side by side or above each other)."""
    visible = 1 - mask
    p = F.pad(visible.view(-1, *grid), (1, 1, 1, 1))
    around = p[:, 1:-1, :-2] + p[:, 1:-1, 2:] + p[:, :-2, 1:-1] + p[:, 2:, 1:-1]
    nearby = (around.reshape(mask.shape) > 0).float()
    return visible + mask * nearby * (noise < ratio).float()


def targets(x, spec: dict):
    """What each token should be predicted as: ids [N, L], or values [N, L, C P (P)] with the channel fastest."""
    if spec["kind"] == "tokens":
        return x
    rows, columns = token_grid(spec)
    p = spec["patch"]
    if spec["kind"] == "series":
        n, c = x.shape[:2]
        return x[:, :, : columns * p].view(n, c, columns, p).permute(0, 2, 3, 1).reshape(n, columns, p * c)
    n, c = x.shape[:2]
    tiles = x[:, :, : rows * p, : columns * p].reshape(n, c, rows, p, columns, p)
    return tiles.permute(0, 2, 4, 3, 5, 1).reshape(n, rows * columns, p * p * c)


def reconstruction(prediction, target, counted):
    """Mean loss of the tokens that are `counted` [N, L] (1 or 0), over the whole batch."""
    if target.dim() == 2:
        each = F.cross_entropy(prediction.transpose(1, 2), target, reduction="none")
    else:
        each = (prediction - target).pow(2).mean(dim=-1)
    return (each * counted).sum() / counted.sum()


def mae_loss(model: Autoencoder, x, noise: dict, settings: dict):
    """Masked reconstruction; `noise["mask"]` [N, L]. Returns the loss and its parts by name."""
    visible, restore, mask = draw_mask(noise["mask"], settings["maskRatio"])
    prediction = model.decode(model.encode(x, visible), restore)
    total = reconstruction(prediction, targets(x, model.spec), mask)
    return total, {"reconstruction": total.detach()}


def metamae_loss(model: MetaAutoencoder, x, noise: dict, settings: dict):
    """Reconstruction from a latent that took a gradient step, and contrast between the latent before and after.

    `noise`: "mask" and "support", [N, L] each. The step stays in the graph unless `firstOrder`, so that the gradient of
    the loss is of second order.
    """
    target = targets(x, model.spec)
    visible, restore, mask = draw_mask(noise["mask"], settings["maskRatio"])
    support = draw_support(mask, noise["support"], settings["supportRatio"], model.grid)
    latent = model.encode(x, visible)

    adapted, inner = latent, None
    for _ in range(settings.get("innerSteps", 1)):
        loss = reconstruction(model.decode(adapted, restore), target, support)
        inner = loss.detach() if inner is None else inner
        # Times N: every example takes a step on about its own mean loss.
        (step,) = torch.autograd.grad(len(x) * loss, adapted, create_graph=not settings["firstOrder"])
        adapted = adapted - model.inner_lr * step

    outer = reconstruction(model.decode(adapted, restore), target, mask)
    contrast = contrastive(
        F.normalize(model.projector(latent[:, 1:].mean(dim=1)), dim=1, eps=1e-12),
        F.normalize(model.projector(adapted[:, 1:].mean(dim=1)), dim=1, eps=1e-12),
        settings["temperature"],
    )
    total = outer + settings["contrastiveWeight"] * contrast
    parts = {"reconstruction": outer.detach(), "inner": inner, "contrastive": contrast.detach()}
    return total, parts


def contrastive(before, after, temperature: float):
    """Cross-entropy of finding each row's partner among all other rows of both views [N, 128]."""
    rows = torch.cat([before, after])
    logits = rows @ rows.t() / temperature
    itself = torch.eye(len(rows), dtype=torch.bool, device=rows.device)
    partner = torch.arange(len(rows), device=rows.device).roll(len(before))
    return F.cross_entropy(logits.masked_fill(itself, -math.inf), partner)


LOSSES = {"mae": (Autoencoder, mae_loss), "metamae": (MetaAutoencoder, metamae_loss)}


class Pretraining(nn.Module):
    """The model with its loss as one module, which DistributedDataParallel can wrap.

    Its gradient hooks sit on the parameters and fire in the final backward alone; the inner step differentiates with
    respect to the latent, which is no parameter, so second order and DistributedDataParallel do not meet.
    """

    def __init__(self, recipe: dict):
        super().__init__()
        name = recipe["objective"]["name"]
        if name not in LOSSES:
            sys.exit(f'recipe.json: objective "{name}" cannot be continued here, only {" and ".join(LOSSES)} can')
        model, self.loss = LOSSES[name]
        self.settings = recipe["objective"]["settings"]
        self.model = model(recipe["input"], recipe["model"])

    def forward(self, x, noise: dict):
        return self.loss(self.model, x, noise, self.settings)


def load_encoder(folder=HERE):
    """The trained model for `features`, with its recipe and the description of its data. Heads of training are left out."""
    recipe, data = read_json(folder, "recipe.json"), read_json(folder, "dataset.json")
    model = Autoencoder(recipe["input"], recipe["model"])
    tensors, _ = read_safetensors(Path(folder) / "weights.safetensors")
    model.load_state_dict({name: tensors[name] for name in model.state_dict()}, strict=True)
    return model.eval(), recipe, data


# --- Files. ---

def read_json(folder, name: str) -> dict:
    return json.loads((Path(folder) / name).read_text(encoding="utf-8"))


TYPES = {"F32": "<f4", "F64": "<f8", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "|u1", "BOOL": "|b1"}


def read_safetensors(path) -> tuple[dict, dict]:
    """Tensors by name, and the file's metadata."""
    raw = np.fromfile(path, dtype=np.uint8)
    (length,) = struct.unpack("<Q", raw[:8].tobytes())
    header = json.loads(raw[8 : 8 + length].tobytes().decode())
    metadata = header.pop("__metadata__", {})
    data = raw[8 + length :]
    tensors = {}
    for name, info in header.items():
        begin, end = info["data_offsets"]
        values = np.frombuffer(data[begin:end].tobytes(), dtype=TYPES[info["dtype"]])
        tensors[name] = torch.from_numpy(values.reshape(info["shape"]).copy())
    return tensors, metadata


def write_safetensors(path, tensors: dict, metadata: dict) -> None:
    """Writes the file beside its place and moves it there whole."""
    codes = {torch.int64: ("I64", 0), torch.float32: ("F32", 1)}
    arrays = sorted(tensors.items(), key=lambda item: (codes[item[1].dtype][1], item[0]))
    header, end = {"__metadata__": metadata}, 0
    for name, tensor in arrays:
        begin, end = end, end + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": codes[tensor.dtype][0], "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    partial = f"{path}.partial"
    with open(partial, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, tensor in arrays:
            file.write(tensor.detach().cpu().contiguous().numpy().tobytes())
    os.replace(partial, path)


# --- Data: files to examples in the user's units, and those to model input. ---


def read_examples(path: Path, data: dict):
    """Examples in the user's units, by index."""
    if path.is_dir():
        return ImageFolder(path, data["sampleShape"][0])
    if path.suffix == ".npy":
        return np.load(path, mmap_mode="r")
    if path.suffix == ".csv":
        return read_csv(path, data)
    if path.suffix == ".txt":
        return read_lines(path, data)
    sys.exit(f"{path}: not a .npy, .csv or .txt file, and no folder of images")


def read_csv(path: Path, data: dict) -> np.ndarray:
    """Columns by their names in dataset.json, all where it names none. Categories become ids, empty fields NaN.

    A line is an example; where examples are series [C, S], a line is a step, and S lines are cut off as an example.
    """
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        header = next(reader)
        wanted = data.get("features") or header
        absent = [name for name in wanted if name not in header]
        if absent:
            sys.exit(f"{path}: there is no column {', '.join(absent)}")
        columns = [header.index(name) for name in wanted]
        categories = data.get("categories") or [None] * len(columns)
        lines = []
        for fields in reader:
            try:
                lines.append([number(fields[c], names) for c, names in zip(columns, categories)])
            except (IndexError, ValueError) as error:
                sys.exit(f"{path}: line {reader.line_num}: {error}")
    table = np.asarray(lines, dtype=np.float32)
    if len(data["sampleShape"]) == 1:
        return table
    steps = data["sampleShape"][1]
    windows = len(table) // steps
    return table[: windows * steps].reshape(windows, steps, -1).transpose(0, 2, 1)


def number(field: str, categories) -> float:
    field = field.strip()
    if not field:
        return math.nan
    return categories.index(field) if categories else float(field)


def read_lines(path: Path, data: dict) -> list:
    """A line a sequence, a letter a symbol."""
    ids = {text: id for id, text in enumerate(data["alphabet"])}
    sequences = []
    for place, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            sequences.append(np.array([ids[letter] for letter in line], dtype=np.int64))
        except KeyError as error:
            sys.exit(f"{path}: line {place}: {error} is not in the alphabet of dataset.json")
    return sequences


class ImageFolder:
    """Images below a folder, [channels, height, width], 0 to 255."""

    ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
    MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}

    def __init__(self, path: Path, channels: int):
        self.files = sorted(file for file in path.rglob("*") if file.suffix.lower() in self.ENDINGS)
        if not self.files or channels not in self.MODES:
            sys.exit(f"{path}: there are no images, or images of {channels} channels do not exist")
        self.mode = self.MODES[channels]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> np.ndarray:
        from PIL import Image

        with Image.open(self.files[index]) as image:
            pixels = np.asarray(image.convert(self.mode))
        return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


class Examples(Dataset):
    """Examples as model input: float32 [C, S] or [C, H, W], or ids [L]."""

    def __init__(self, path, recipe: dict, data: dict):
        self.path, self.recipe, self.data = path, recipe, data
        self.raw = read_examples(Path(path), data)

    def __len__(self) -> int:
        return len(self.raw)

    def __getitem__(self, index: int) -> torch.Tensor:
        try:
            return encode(np.asarray(self.raw[index]), self.recipe, self.data)
        except ValueError as error:
            sys.exit(f"{self.path}: example {index}: {error}")


def encode(raw: np.ndarray, recipe: dict, data: dict) -> torch.Tensor:
    """One example in the user's units as model input, as the page does it."""
    spec, normalisation = recipe["input"], recipe["data"]["normalisation"]
    values = ENCODERS[recipe["data"]["modality"]](raw, spec, normalisation, data)
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.int64 if spec["kind"] == "tokens" else np.float32))


def expect(holds: bool, raw: np.ndarray, wanted) -> None:
    if not holds:
        raise ValueError(f"its shape is {list(raw.shape)}, it should be {wanted}")


def standardise(values: np.ndarray, normalisation: dict) -> np.ndarray:
    """(values - mean) / deviation by channel, the first axis; or one of each for all."""
    spread = [-1] + [1] * (values.ndim - 1)
    mean = np.asarray(normalisation["mean"], dtype=np.float64).reshape(spread)
    return (values - mean) / np.asarray(normalisation["deviation"], dtype=np.float64).reshape(spread)


def encode_symbols(raw, spec, normalisation, data):
    """Ids [L], cut or filled up to the input's length."""
    expect(raw.ndim == 1, raw, "[symbols]")
    ids = np.full(spec["length"], data.get("paddingId", len(data.get("alphabet") or [])))
    ids[: len(raw)] = raw[: spec["length"]]
    if ids.min() < 0 or ids.max() >= spec["vocabulary"]:
        raise ValueError(f"ids must lie from 0 to {spec['vocabulary'] - 1}")
    return ids


def encode_series(raw, spec, normalisation, data):
    """Series [C, S]; gaps are closed by straight lines, and a channel without values by its mean."""
    expect(raw.ndim == 2 and len(raw) == spec["channels"] and raw.shape[1] >= spec["length"], raw, data["sampleShape"])
    values = standardise(raw[:, : spec["length"]], normalisation)
    steps = np.arange(spec["length"])
    for channel in values:
        known = np.isfinite(channel)
        channel[:] = np.interp(steps, steps[known], channel[known]) if known.any() else 0
    return values


def encode_table(raw, spec, normalisation, data):
    """A row [F]: numbers in channel 0, made normal where their column is skewed; categories one-hot over all channels."""
    expect(raw.shape == tuple(data["sampleShape"]), raw, data["sampleShape"])
    values = np.zeros((spec["channels"], spec["length"]))
    for column, value in enumerate(raw.astype(np.float64)):
        if not np.isfinite(value):
            continue
        if (data.get("categories") or [None] * len(raw))[column]:
            values[min(int(value), spec["channels"] - 1), column] = 1
            continue
        ranks = normalisation.get("extra", {}).get(f"ranks {column}")
        if ranks:
            knots, scores = np.split(np.asarray(ranks), 2)
            k = np.clip(np.searchsorted(knots, value, side="right") - 1, 0, len(knots) - 2)
            value = scores[k] + (value - knots[k]) * (scores[k + 1] - scores[k]) / (knots[k + 1] - knots[k])
        values[0, column] = (value - normalisation["mean"][column]) / normalisation["deviation"][column]
    return values


def encode_picture(raw, spec, normalisation, data):
    """Pictures [C, H, W] of any size; a missing pixel becomes its channel's mean."""
    expect(raw.ndim == 3 and len(raw) == spec["channels"], raw, [spec["channels"], "height", "width"])
    rows, columns = triangles(raw.shape[1], spec["height"]), triangles(raw.shape[2], spec["width"])
    missing = ~np.isfinite(raw.astype(np.float64))
    values = rows @ np.where(missing, 0, raw) @ columns.T
    touched = rows @ missing.astype(np.float64) @ columns.T > 0
    return np.where(touched, 0, standardise(values, normalisation))


def triangles(size: int, new_size: int) -> np.ndarray:
    """Weights [new_size, size] of a triangle filter as wide as the larger of the two pixels."""
    if size == new_size:
        return np.eye(size)
    centres = (np.arange(new_size)[:, None] + 0.5) * size / new_size - 0.5
    weights = np.maximum(0, 1 - np.abs(np.arange(size) - centres) / max(1, size / new_size))
    return weights / weights.sum(axis=1, keepdims=True)


def encode_states(raw, spec, normalisation, data):
    """Maps [H, W] of state ids, enlarged by a whole number into the middle or reduced to nearest cells, as one-hot planes."""
    raw = raw.reshape(raw.shape[-2:])
    (h, w), (height, width) = raw.shape, (spec["height"], spec["width"])
    times = min(height // h, width // w)
    if times < 1:
        nearest = [((np.arange(new) + 0.5) * old / new).astype(int) for new, old in ((height, h), (width, w))]
        cells = raw[np.ix_(*nearest)]
    else:
        cells = np.zeros((height, width))
        top, left = (height - h * times) // 2, (width - w * times) // 2
        cells[top : top + h * times, left : left + w * times] = raw.repeat(times, 0).repeat(times, 1)
    return standardise(cells == np.arange(spec["channels"])[:, None, None], normalisation)


def encode_sound(raw, spec, normalisation, data):
    """Waveforms [samples] as log-mel spectrograms [1, mels, frames]; whole numbers are scaled to -1..1 by their type."""
    expect(raw.ndim == 1, raw, "[samples]")
    if raw.dtype.kind in "iu":
        half = 2.0 ** (8 * raw.dtype.itemsize - 1)
        raw = raw / half - (1 if raw.dtype.kind == "u" else 0)
    extra = normalisation["extra"]
    size, hop, frames = extra["fftSize"], extra["hop"], extra["frames"]
    signal = np.zeros((frames - 1) * hop + size)
    used = raw[: len(signal) - size // 2]
    signal[size // 2 : size // 2 + len(used)] = used
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    windows = np.stack([signal[t * hop : t * hop + size] for t in range(frames)])
    power = np.abs(np.fft.rfft(windows * window)) ** 2
    decibels = 10 * np.log10(np.maximum(1e-10, (mel_bands(extra) @ power.T) ** 2))
    return standardise(np.maximum(decibels, decibels.max() - 80)[None], normalisation)


def mel_bands(extra: dict) -> np.ndarray:
    """Triangles [mels, bins] evenly spaced on Slaney's mel scale (linear to 1 kHz, logarithmic above), each of area 1."""
    step, corner = math.log(6.4) / 27, 15.0
    rate, size, mels = extra["sampleRate"], extra["fftSize"], extra["mels"]
    top = rate / 2
    top_mel = top / (200 / 3) if top < 1000 else corner + math.log(top / 1000) / step
    edge = np.arange(mels + 2) * top_mel / (mels + 1)
    edge = np.where(edge < corner, edge * 200 / 3, 1000 * np.exp((edge - corner) * step))
    low, centre, high = edge[:-2, None], edge[1:-1, None], edge[2:, None]
    hz = np.arange(size // 2 + 1) * rate / size
    return np.maximum(0, np.minimum((hz - low) / (centre - low), (high - hz) / (high - centre))) * 2 / (high - low)


ENCODERS = {
    "time-series": encode_series,
    "tabular": encode_table,
    "image": encode_picture,
    "multispectral": encode_picture,
    "wafer-map": encode_states,
    "sound": encode_sound,
    "dna": encode_symbols,
    "rna": encode_symbols,
    "protein": encode_symbols,
    "text": encode_symbols,
}


# --- Training. ---


def learning_rate(optimiser: dict, step: int, steps: int) -> float:
    """Linear warm-up, then constant or half a cosine; `step` counts from 1."""
    peak, warmup = optimiser["learningRate"], optimiser["warmupSteps"]
    if step <= warmup:
        return peak * step / warmup
    if optimiser["schedule"] == "constant":
        return peak
    return peak * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, steps - warmup)))) / 2


def batches(data: Examples, batch_size: int, seed: int, workers: int):
    """Batches without end, shuffled anew every epoch; each process draws its own share."""
    world, rank = (dist.get_world_size(), dist.get_rank()) if dist.is_initialized() else (1, 0)
    sampler = DistributedSampler(data, world, rank, shuffle=True, seed=seed, drop_last=True)
    loader = DataLoader(data, batch_size, sampler=sampler, num_workers=workers, drop_last=True)
    if len(loader) == 0:
        sys.exit(f"{len(data)} examples do not fill one batch of {batch_size} in each of {world} processes")
    epoch = 0
    while True:
        sampler.set_epoch(epoch)
        yield from loader
        epoch += 1


def train(options: argparse.Namespace) -> None:
    distributed = "RANK" in os.environ
    cuda = torch.cuda.is_available() and not options.cpu
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    if distributed:
        dist.init_process_group("nccl" if cuda else "gloo")
    rank = dist.get_rank() if distributed else 0
    say = print if rank == 0 else (lambda *_, **__: None)

    recipe, description = read_json(options.source, "recipe.json"), read_json(options.source, "dataset.json")
    optimiser = {**recipe["optimiser"]}
    if options.learning_rate is not None:
        optimiser["learningRate"] = options.learning_rate
    data = Examples(options.data, recipe, description)
    batch_size = options.batch_size or recipe["batchSize"]

    pretraining = Pretraining(recipe)
    start = options.out if options.resume else options.source / "weights.safetensors"
    tensors, metadata = read_safetensors(start)
    pretraining.model.load_state_dict(tensors, strict=True)
    pretraining.to(device)
    if distributed and cuda:
        # Batch statistics over all GPUs; the CPU has no such layer, there they are each process's own.
        pretraining = nn.SyncBatchNorm.convert_sync_batchnorm(pretraining)
    model = pretraining.model
    losses = pretraining
    if distributed:
        losses = DistributedDataParallel(pretraining, device_ids=[device] if cuda else None)

    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    adam = torch.optim.AdamW(
        trainable,
        lr=optimiser["learningRate"],
        betas=(optimiser["beta1"], optimiser["beta2"]),
        eps=optimiser["epsilon"],
        weight_decay=optimiser["weightDecay"],
    )
    moments = options.out.with_suffix(".optimiser.pt")
    first = 1
    if options.resume:
        state = torch.load(moments, map_location=device)
        adam.load_state_dict(state["optimiser"])
        first = state["step"] + 1

    def save(step: int) -> None:
        if rank == 0:
            write_safetensors(options.out, model.state_dict(), {**metadata, "continued_steps": str(step)})
            torch.save({"optimiser": adam.state_dict(), "step": step}, f"{moments}.partial")
            os.replace(f"{moments}.partial", moments)

    seed = recipe["seed"] if options.seed is None else options.seed
    torch.manual_seed(1000 * seed + rank + 7919 * first)
    tokens = model.grid[0] * model.grid[1]
    trained = sum(parameter.numel() for parameter in trainable)
    say(f"{len(data)} examples, batch {batch_size} a process, {trained} parameters, on {device}")
    pretraining.train()
    started = time.monotonic()
    stream = batches(data, batch_size, seed, options.workers)
    for step in range(first, options.steps + 1):
        x = next(stream).to(device, non_blocking=True)
        noise = {name: torch.rand(len(x), tokens, device=device) for name in ("mask", "support")}
        total, parts = losses(x, noise)
        adam.zero_grad(set_to_none=True)
        total.backward()
        if optimiser["clipNorm"] > 0:
            nn.utils.clip_grad_norm_(trainable, optimiser["clipNorm"])
        for group in adam.param_groups:
            group["lr"] = learning_rate(optimiser, step, options.steps)
        adam.step()
        if step % options.log_every == 0 or step == options.steps:
            values = "  ".join(f"{name} {value.item():.5f}" for name, value in {"total": total, **parts}.items())
            rate = (step - first + 1) / (time.monotonic() - started)
            say(f"step {step}/{options.steps}  {values}  {rate:.1f} steps/s", flush=True)
        if step % options.save_every == 0:
            save(step)
    save(options.steps)
    say(f"wrote {options.out}")
    if distributed:
        dist.destroy_process_group()


def parse(arguments=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a .npy file, a .csv file or a folder of images")
    parser.add_argument("--steps", type=int, required=True, help="optimiser steps, counted from weights.safetensors on")
    parser.add_argument("--batch-size", type=int, help="examples a process and step (default: the recipe's)")
    parser.add_argument("--learning-rate", type=float, help="(default: the recipe's)")
    parser.add_argument("--out", type=Path, default=Path("continued.safetensors"))
    parser.add_argument("--resume", action="store_true", help="go on from --out and the optimiser beside it")
    parser.add_argument("--source", type=Path, default=HERE, help="folder of weights.safetensors, recipe.json, dataset.json")
    parser.add_argument("--save-every", type=int, default=1000)
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2, help="processes that read data")
    parser.add_argument("--seed", type=int, help="(default: the recipe's)")
    parser.add_argument("--cpu", action="store_true", help="leave GPUs alone")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    train(parse())

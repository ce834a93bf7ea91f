"""For tests: checks continue_pretraining.py of unpacked hand-overs against recorded numbers.

check_handover.py JOBS.json         does each job of a list, and prints a list of results
check_handover.py FOLDER            (under torchrun) DistributedDataParallel against averaging by hand

A job is {"folder", "parity": path of a recording}: losses, gradients and features against the reference's; or
{"folder", "encode": path of data}: its examples as model input, or the message of the exit.
"""
import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist

target = Path(sys.argv[1])
jobs = json.loads(target.read_text()) if target.is_file() else []
sys.path.insert(0, jobs[0]["folder"] if jobs else str(target))
sys.dont_write_bytecode = True
import continue_pretraining as c  # noqa: E402

torch.set_num_threads(1)


def load(folder, objective=None):
    recipe = c.read_json(folder, "recipe.json")
    recipe["objective"]["name"] = objective or recipe["objective"]["name"]
    pretraining = c.Pretraining(recipe)
    tensors, _ = c.read_safetensors(Path(folder) / "weights.safetensors")
    if objective == "mae":
        own = set(pretraining.model.state_dict())
        tensors = {name: tensor for name, tensor in tensors.items() if name in own}
    pretraining.model.load_state_dict(tensors, strict=True)
    return pretraining


def tensor(recorded):
    return torch.tensor(recorded["data"]).reshape(recorded["shape"])


def distance(got, wanted):
    """Largest difference over the largest recorded value."""
    return ((got - wanted).abs().max() / wanted.abs().max()).item()


def together(gradients, recorded):
    """Relative distance of all gradients as one vector."""
    assert set(gradients) == set(recorded), set(gradients) ^ set(recorded)
    wanted = {name: tensor(value) for name, value in recorded.items()}
    squares = sum((gradients[name] - wanted[name]).pow(2).sum() for name in wanted)
    return (squares / sum(value.pow(2).sum() for value in wanted.values())).sqrt().item()


def gradients_of(pretraining):
    parameters = pretraining.model.named_parameters()
    return {name: p.grad.clone() for name, p in parameters if p.grad is not None}


def parity(folder, recording):
    with gzip.open(recording) as file:
        recorded = json.load(file)
    x = torch.tensor(recorded["input"]["data"]).reshape(recorded["input"]["shape"])
    noise = {name: tensor(recorded["noise"][name]) for name in ("mask", "support")}
    forward = recorded["forward"]
    out = {}

    pretraining = load(folder).train()
    names = [entry["name"] for entry in recorded["state_dict"]]
    out["same names in the same order"] = list(pretraining.model.state_dict()) == names
    total, parts = pretraining(x, noise)
    total.backward()
    out["total"] = abs(total.item() / forward["total_loss"] - 1)
    recorded_parts = {"reconstruction": "recon_loss", "inner": "inner_loss", "contrastive": "contrastive_loss"}
    for part, field in recorded_parts.items():
        out[part] = abs(parts[part].item() / forward[field] - 1)
    out["gradients"] = together(gradients_of(pretraining), recorded["grads_second_order"])
    norm = pretraining.model.projector[1]
    out["running mean"] = distance(norm.running_mean, tensor(forward["running_mean_after_forward"]))
    out["running variance"] = distance(norm.running_var, tensor(forward["running_var_after_forward"]))

    mae = load(folder, "mae").train()
    loss, _ = mae(x, noise)
    loss.backward()
    out["mae"] = abs(loss.item() / recorded["mae"]["total_loss"] - 1)
    out["mae gradients"] = together(gradients_of(mae), recorded["mae"]["grads"])
    with torch.no_grad():
        features = c.load_encoder(folder)[0].features(x)
    out["features"] = distance(features, tensor(recorded["features_global_pool"]))
    return out


def encode(folder, path):
    try:
        examples = c.Examples(Path(path), c.read_json(folder, "recipe.json"), c.read_json(folder, "dataset.json"))
        return [examples[i].flatten().tolist() for i in range(len(examples))]
    except SystemExit as end:
        return {"exit": str(end)}


def gradients(folder):
    dist.init_process_group("gloo")
    rank = dist.get_rank()
    torch.manual_seed(rank)
    spec = c.read_json(folder, "recipe.json")["input"]
    x = torch.randn(4, spec["channels"], spec["length"])
    tokens = spec["length"] // spec["patch"]
    noise = {name: torch.rand(4, tokens) for name in ("mask", "support")}

    # The same dropout both times.
    alone = load(folder).train()
    torch.manual_seed(100 + rank)
    alone(x, noise)[0].backward()
    by_hand = gradients_of(alone)
    for gradient in by_hand.values():
        dist.all_reduce(gradient)
        gradient /= dist.get_world_size()

    shared = load(folder).train()
    torch.manual_seed(100 + rank)
    # Held by a name: its hooks go when it does.
    wrapped = torch.nn.parallel.DistributedDataParallel(shared)
    wrapped(x, noise)[0].backward()
    own = gradients_of(shared)
    assert set(own) == set(by_hand)
    worst = max(distance(own[name], by_hand[name]) for name in own)
    dist.destroy_process_group()
    if rank == 0:
        print(json.dumps({"gradients": worst}))


if jobs:
    results = []
    for job in jobs:
        if "parity" in job:
            results.append(parity(job["folder"], job["parity"]))
        else:
            results.append(encode(job["folder"], job["encode"]))
    print(json.dumps(results))
else:
    gradients(target)

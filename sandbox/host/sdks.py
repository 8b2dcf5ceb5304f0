"""Generates SDKs of component packages for any language, and links them into Python programs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import grpc

from sandbox.host.processes import follow, stop
from sandbox.stubs import language_pb2, language_pb2_grpc

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from pathlib import Path


def generate(
    generator: subprocess.Popen[bytes], request: language_pb2.GeneratePackageRequest
) -> language_pb2.GeneratePackageResponse:
    """Send the request to a generator that was just started, and end it; RuntimeError if it does not start."""
    try:
        line = b""
        for name, chunk in follow(generator):
            if name == "stderr":
                os.write(2, chunk)
                continue
            line += chunk
            if b"\n" in line:
                break
        port = line.strip().decode()
        if not port:
            raise RuntimeError("the generator of SDKs did not start")
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            answer: language_pb2.GeneratePackageResponse
            answer = language_pb2_grpc.LanguageRuntimeStub(channel).GeneratePackage(request)
            return answer
    finally:
        stop(generator)


def link(program: Path, packages: Sequence[Path]) -> str:
    """Write the SDKs into the program's requirements, each once, and say how to import them."""
    requirements = program / "requirements.txt"
    lines = requirements.read_text().splitlines() if requirements.exists() else []
    places = [os.path.relpath(program / package, program) for package in packages]
    missing = [place for place in places if place not in lines]
    if missing:
        requirements.write_text("".join(f"{line}\n" for line in [*lines, *missing]))
    modules = [found.parent.name for package in packages for found in sorted((program / package).glob("*/__init__.py"))]
    return "\n".join(f"  import {module}" for module in modules)

"""Where sound comes from: a file at the pace at which it plays, or a microphone."""

import queue
import threading
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Protocol

from app.sound.wav import Samples, WavFile

BLOCK_SECONDS = 0.05
# A microphone that is silent for so long has been pulled out; a quiet room gives samples too.
DEVICE_PATIENCE_SECONDS = 3.0
# So much sound waits while something else is slow.
BLOCKS_KEPT = 200


class NoDeviceError(Exception):
    """There is no microphone to listen to; the message is for people."""


class Source(Protocol):
    """Something that gives sound."""

    name: str
    rate: int

    def blocks(self) -> Iterator[Samples]:
        """Gives the sound as it comes, until there is no more."""
        ...


class FileSource:
    """A WAV file, at the pace at which it plays."""

    def __init__(self, name: str, file: WavFile, stopping: threading.Event) -> None:
        self.name = name
        self.rate = file.rate
        self.file = file
        self.stopping = stopping

    def blocks(self) -> Iterator[Samples]:
        """Gives each block when it has been played; ends at once when it is to stop."""
        begun = time.monotonic()
        played = 0
        for block in self.file.blocks(round(self.rate * BLOCK_SECONDS)):
            played += len(block)
            if self.stopping.wait(max(0.0, begun + played / self.rate - time.monotonic())):
                return
            yield block


class Microphone:
    """The sound device that the system has for input."""

    name = "Microphone"

    def __init__(self, library: ModuleType) -> None:
        self.library = library
        self.waiting: queue.Queue[Samples] = queue.Queue(BLOCKS_KEPT)
        try:
            device = library.query_devices(kind="input")
            self.rate = int(device["default_samplerate"])
            self.stream = library.InputStream(
                samplerate=self.rate,
                channels=1,
                dtype="float32",
                blocksize=round(self.rate * BLOCK_SECONDS),
                callback=self.take,
            )
        except (library.PortAudioError, ValueError) as error:
            raise NoDeviceError("No microphone was found") from error

    def take(self, data: Any, _frames: int, _time: Any, _status: Any) -> None:
        """Takes a block from the device's own thread, which must never wait."""
        try:
            self.waiting.put_nowait(data[:, 0].copy())
        except queue.Full:
            self.waiting.get_nowait()

    def blocks(self) -> Iterator[Samples]:
        """Gives blocks until the device is gone."""
        with self.stream:
            while True:
                try:
                    yield self.waiting.get(timeout=DEVICE_PATIENCE_SECONDS)
                except queue.Empty:
                    return


def open_microphone() -> Microphone:
    """Opens the microphone, or says why there is none."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise NoDeviceError("PortAudio, which speaks to sound devices, is missing") from error
    look_again(sounddevice)
    return Microphone(sounddevice)


def look_again(library: ModuleType) -> None:
    """Lets PortAudio see devices that were plugged in since; it looks only when it starts."""
    library._terminate()
    library._initialize()

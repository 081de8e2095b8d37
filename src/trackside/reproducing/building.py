"""A new environment for a run: Python, libraries, Trackside, kernel. It is there whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.reproducing import availability, downloads, environments, own_copy
from trackside.reproducing.disk import FREE_SPACE, says_full
from trackside.reproducing.installers import Installer, InstallError, blamed_in, is_network_fault, reason_of
from trackside.reproducing.process import Ended, run
from trackside.reproducing.progress import Progress, StepName

if TYPE_CHECKING:
    from trackside.reproducing.environments import Contents, MadeEnvironment
    from trackside.reproducing.libraries import Library
    from trackside.reproducing.pythons import Python


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes one environment.

    Attributes:
        installer: What installs.
        libraries: What is installed.
        made_for: The run that wants it.
        progress: Hears of each step.
    """

    installer: Installer
    libraries: Sequence[Library]
    made_for: str
    progress: Progress

    def build(self, python: Python, contents: Contents) -> MadeEnvironment:
        """The environment with these contents: one that is there, else a new one.

        Raises:
            InstallError: Something cannot be installed, or the Python cannot be fetched.
            StoreReadOnlyError: The folder of environments cannot be written.
            CancelledError: It was stopped.
        """
        progress = self.progress
        with ExitStack() as stack:
            with progress.step(StepName.PYTHON):
                folder, lock = stack.enter_context(environments.building(contents.key, progress.cancel))
                there = environments.find_environment(contents.key)
                if there is not None:
                    for name in (StepName.ENVIRONMENT, StepName.LIBRARIES, StepName.KERNEL):
                        progress.skip(name, "")
                    return there
                program = python.id if python.is_found else self._download(python.version)
                progress.note(StepName.PYTHON, python.version)
            with progress.step(StepName.ENVIRONMENT):
                self._make(program, folder, lock)
            with progress.step(StepName.LIBRARIES):
                self._fill(folder, lock, program)
                progress.note(StepName.LIBRARIES, str(len(self.libraries)))
            with progress.step(StepName.KERNEL):
                own_copy.put_into(folder)
                made = environments.complete(contents.key, contents, self.made_for)
                progress.note(StepName.KERNEL, made.kernel)
            return made

    def _download(self, version: str) -> str:
        ended = self._run(downloads.command(version), lock=None)
        program = downloads.find_fetched(version) if ended.code == 0 else None
        if program is None:
            raise InstallError(
                f"Python {version} could not be fetched: {reason_of(ended)}", hint="Choose another Python."
            )
        return program

    def _make(self, program: str, folder: Path, lock: int) -> None:
        ended = self._run(self.installer.make_environment(program, folder), lock)
        if ended.code != 0:
            raise _failed(f"the environment could not be made: {reason_of(ended)}", ended)

    def _fill(self, folder: Path, lock: int, program: str) -> None:
        pinned = self._write(folder / "requirements.txt", [library.line for library in self.libraries])
        if self.libraries:
            ended = self._run(
                self.installer.install(environments.program_of(folder), pinned, with_dependencies=False), lock
            )
            if ended.code != 0:
                raise self._fault(ended, program)
        needed = own_copy.requirements({library.name for library in self.libraries})
        if needed:
            base = self._write(folder / "kernel-requirements.txt", needed)
            ended = self._run(
                self.installer.install(environments.program_of(folder), base, with_dependencies=True), lock
            )
            if ended.code != 0:
                raise _failed(f"what a kernel needs could not be installed: {reason_of(ended)}", ended)

    def _fault(self, ended: Ended, program: str) -> InstallError:
        """What is wrong, and all that it is wrong with."""
        if is_network_fault(ended.text):
            return _failed(
                f"the package index cannot be reached: {reason_of(ended)}", ended, "Try again with a network."
            )
        if says_full(ended.text) or ended.code < 0:
            return _failed(f"the libraries could not be installed: {reason_of(ended)}", ended)
        names = blamed_in(ended.lines, [library.name for library in self.libraries if library.name])
        also = set(availability.check(self.installer, program, self.libraries).missing)
        names += [one.name for one in self.libraries if one.line in also and one.name not in names]
        if not names:
            return _failed(f"the libraries could not be installed: {reason_of(ended)}", ended)
        lines = [library.line for library in self.libraries if library.name in names]
        return InstallError(
            f"{', '.join(lines)} could not be installed: {reason_of(ended)}",
            libraries=names,
            hint=f"Go on without {'them' if len(names) > 1 else 'it'}, or choose another Python.",
        )

    def _write(self, file: Path, lines: Iterable[str]) -> Path:
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return file

    def _run(self, command: Sequence[str], lock: int | None) -> Ended:
        try:
            return run(
                command,
                log=self.progress.log,
                cancel=self.progress.cancel,
                environment=self.installer.environment,
                keep=() if lock is None else (lock,),
            )
        except OSError as error:
            raise InstallError(f"{command[0]} cannot be started: {error.strerror}") from error


def _failed(message: str, ended: Ended, hint: str = "") -> InstallError:
    if says_full(ended.text):
        return InstallError(f"the disk is full, so {message}", hint=FREE_SPACE)
    return InstallError(message, hint=hint)

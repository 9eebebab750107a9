"""Stops another process at any of its system calls, as a debugger does.

What a program does to files it does by system calls, so nothing that can be seen from outside comes
between two of these stops. Only the thread that has begun to trace may go on with it.
"""

import ctypes
import os
import time

SEIZE, INTERRUPT, SYSCALL, DETACH, CONTINUE = 0x4206, 0x4207, 24, 17, 7
SET_OPTIONS, GET_MESSAGE = 0x4200, 0x4201
# Options: stops at system calls can be told from others; children are traced from their birth on.
TELL_SYSCALLS = 1
WITH_CHILDREN = 2 | 4 | 8
# What is told of the birth of a child, by any of three system calls.
BIRTHS = (1, 2, 3)
SYSCALL_STOP = 0x85
SIGTRAP = 5
ALL_THREADS = 0x40000000
# How long a system call is waited for, and how long a stop that was asked for.
CALL_LIMIT, STOP_LIMIT = 0.002, 1.0

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
libc.ptrace.restype = ctypes.c_long


class Traced:
    """A process that can be stopped anywhere."""

    def __init__(self, pid: int, *, born: bool = False, with_children: bool = False) -> None:
        self.pid = pid
        self.is_stopped = False
        # A signal that was about to reach it when it was stopped, and what it was stopped for.
        self.signal = self.event = 0
        options = TELL_SYSCALLS | (WITH_CHILDREN if with_children else 0)
        if born:
            # Its tracer has it already, and what held for its parent holds for it.
            self.is_there = True
            self.look(STOP_LIMIT)
            self.ask(SET_OPTIONS, options)
        else:
            self.is_there = self.ask(SEIZE, options)

    def ask(self, request: int, data: int = 0) -> bool:
        """Asks the kernel; whether it has done it."""
        return libc.ptrace(request, self.pid, None, data) == 0

    def stop(self) -> bool:
        """Stops it wherever it is; whether it is there."""
        if self.is_there and not self.is_stopped:
            self.ask(INTERRUPT)
            self.look(STOP_LIMIT)
        return self.is_there and self.is_stopped

    def step(self) -> None:
        """Lets it go on to its next system call; one that takes its time is not waited for."""
        self.go_on(SYSCALL)

    def child(self) -> int | None:
        """Lets it go on; returns its child that was born, if that is what it has stopped for."""
        self.go_on(CONTINUE)
        if not self.is_stopped or self.event not in BIRTHS:
            return None
        message = ctypes.c_ulong()
        libc.ptrace(GET_MESSAGE, self.pid, None, ctypes.addressof(message))
        return message.value

    def go_on(self, request: int) -> None:
        """Lets it go on, if it stands still, and waits a little for its next stop."""
        if self.is_stopped:
            # If the kernel refuses, it is on its way out: nothing but its end can come then.
            self.ask(request, self.signal)
        self.is_stopped, self.signal = False, 0
        self.look(CALL_LIMIT)

    def look(self, seconds: float) -> None:
        """Waits until it has stopped, or is gone."""
        limit = time.monotonic() + seconds
        while self.is_there and not self.is_stopped and time.monotonic() < limit:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG | ALL_THREADS)
            except ChildProcessError:
                self.is_there = False
                return
            if pid:
                self.is_there = self.is_stopped = os.WIFSTOPPED(status)
                number = os.WSTOPSIG(status) if self.is_stopped else 0
                self.event = status >> 16
                is_own = number in (SIGTRAP, SYSCALL_STOP) or self.event
                self.signal = 0 if is_own else number

    def let_go(self) -> None:
        """Lets it go on without being traced."""
        if self.stop() and not self.ask(DETACH, self.signal):
            # It was killed meanwhile. Its parent learns of that when its tracer has.
            self.is_stopped = False
            self.look(STOP_LIMIT)
        self.is_there = False

"""What people write by hand: starts a server and kills it on the way out."""

import atexit
import signal
import subprocess
import sys

child = subprocess.Popen(sys.argv[1:])
atexit.register(child.kill)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pause()

program="${DPKG_ROOT:-}/usr/lib/@NAME@/@NAME@"

# Whether a process runs this very file; names prove nothing.
runs_program() {
    found=$(readlink "/proc/$1/exe" 2>/dev/null) || return 1
    [ "$found" = "$program" ] || [ "$found" = "$program (deleted)" ]
}

# Keeps those of $copies that still run.
still_running() {
    left=
    for pid in $copies; do
        if runs_program "$pid"; then left="$left $pid"; fi
    done
    copies=$left
}

# Asks running copies to end, waits up to 15 seconds, and kills what is left then.
# Everything that a copy has started ends with it: its guards see to that.
end_copies() {
    copies=$(cd /proc && echo [0-9]*)
    still_running
    for pid in $copies; do kill -TERM "$pid" 2>/dev/null || true; done
    tries=75
    while [ -n "$copies" ] && [ "$tries" -gt 0 ]; do
        sleep 0.2
        tries=$((tries - 1))
        still_running
    done
    for pid in $copies; do kill -KILL "$pid" 2>/dev/null || true; done
}

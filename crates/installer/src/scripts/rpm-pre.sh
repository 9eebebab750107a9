if [ "$1" -gt 1 ]; then end_copies; fi
exit 0

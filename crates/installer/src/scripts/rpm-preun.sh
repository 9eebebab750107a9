if [ "$1" -eq 0 ]; then end_copies; fi
exit 0

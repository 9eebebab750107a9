case "$1" in
    remove | upgrade | deconfigure) end_copies ;;
esac

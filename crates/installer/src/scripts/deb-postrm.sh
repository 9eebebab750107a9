# Removes what the app has kept for one user, as that user: nothing that the user could not remove
# can be removed by a link that the user has laid. `rm` removes a link itself, not what it leads to.
remove_data() {
    user=$1
    home=$2
    for folder in .local/share .config .cache .local/state; do
        data="${DPKG_ROOT:-}$home/$folder/@ID@"
        if [ -e "$data" ] || [ -L "$data" ]; then
            runuser -u "$user" -- rm -rf -- "$data" ||
                echo "@NAME@: $data could not be removed" >&2
        fi
    done
}

purge() {
    # This package's own menu entry is gone by now: this is that of a package with another name.
    if [ -e "${DPKG_ROOT:-}/usr/share/applications/@ID@.desktop" ]; then
        echo "@NAME@: users' data are kept, since another package has @ID@" >&2
        return
    fi
    if ! command -v runuser >/dev/null; then
        echo "@NAME@: users' data are kept, since there is no runuser" >&2
        return
    fi
    getent passwd | while IFS=: read -r user _ _ _ _ home _; do
        case "$home" in
            /?*) if [ -d "${DPKG_ROOT:-}$home" ]; then remove_data "$user" "$home"; fi ;;
        esac
    done
}

case "$1" in
    purge) purge ;;
esac

# Recipes for those who use `just`; each is a script that runs without it.

# Shows the recipes.
default:
    @just --list

# Makes this machine ready; `--tests` for the tests too.
setup *arguments:
    scripts/setup {{arguments}}

# Runs the Items example.
start *arguments:
    scripts/start {{arguments}}

# Runs every test, or only the stages that are named.
test *stages:
    scripts/test {{stages}}

# Lets random faults befall random apps.
faults *arguments:
    scripts/faults {{arguments}}

# Repairs the format of all code.
format:
    cargo fmt
    npm --prefix pages run --silent format
    npm --prefix examples/items/web run --silent format
    npm --prefix examples/recorder/web run --silent format
    npm --prefix examples/prober/web run --silent format
    examples/items/server/.venv/bin/ruff format -q examples/items/server
    examples/recorder/server/.venv/bin/ruff format -q examples/recorder/server
    examples/prober/server/.venv/bin/ruff format -q examples/prober/server
    e2e/.venv/bin/ruff format -q e2e

# Takes the pictures in docs/images anew.
screenshots:
    scripts/screenshots

"""What the fake models say: to the app's own suites something sensible, and to all else an echo.

The large model is right, the small one is wrong now and then, for something to compare.
"""

import hashlib

# A piece of the prompt, what is right, and what a hasty model says.
KNOWN = [
    ("capital of France", "Paris", "The capital is Paris."),
    ('the word "ready"', "ready", "Ready!"),
    ("three primary colours", "red\nyellow\nblue", "- red\n- yellow\n- blue"),
    ("farm animal", "Cow", "Sheep"),
    ("colour is the sky", "Der Himmel ist blau.", "Der Himmel ist blau."),
    ("letter that I wrote", "I cannot know that letter.", "I cannot know that letter."),
    (
        "Eiffel Tower",
        '{"city": "Paris", "country": "France"}',
        '```json\n{"city": "Paris", "country": "France"}\n```',
    ),
    ("prime numbers", "[2, 3, 5, 7, 11]", "[1, 2, 3, 5, 7]"),
    (
        "dozen blue mugs",
        '{"item": "blue mugs", "count": 12, "urgent": false}',
        'Here you are: {"item": "blue mugs", "count": 12, "urgent": false}',
    ),
    (
        "Ada Lovelace",
        '{"name": "Ada Lovelace", "phone": null}',
        '{"name": "Ada Lovelace", "phone": null}',
    ),
    ("bat and a ball", "0.05", "0.10"),
    ('"strawberry"', "3", "2"),
    ("9.9 or 9.11", "9.9", "9.9"),
    ("Sally has three", "1", "2"),
    ("day after tomorrow", "Thursday", "Thursday"),
    (
        "the old mill",
        "The old mill of a village grinds flour again after four years of restoration.",
        "The old mill works again.",
    ),
    ("bees in cities", "Bees Above the Streets", "Bees in Cities"),
    (
        "wedding invitation",
        "We are so sorry that we cannot be there, and wish you a wonderful day.",
        "I am sorry, I cannot come.",
    ),
]
HASTY = ("haiku", "luna", "mini", "small")


def answer(model: str, prompt: str) -> str:
    """Gives the same answer to the same question, always."""
    hasty = any(word in model for word in HASTY)
    for piece, right, rushed in KNOWN:
        if piece in prompt:
            return rushed if hasty else right
    return f"You said: {prompt}"


def latency(model: str, prompt: str) -> float:
    """Gives how long a model thinks, in parts of the usual; the same for the same question."""
    spread = hashlib.sha256(f"{model} {prompt}".encode()).digest()[0] / 255
    return (0.3 if any(word in model for word in HASTY) else 1.0) * (0.6 + spread)

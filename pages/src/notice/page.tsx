/** The page of all notices. */

import { useEffect } from "preact/hooks";
import type { Notice } from "./notice";
import { reloadWhenBack } from "./retry";
import { wordsFor } from "./words";

export function NoticePage({ notice }: { notice: Notice }) {
  const { title, text, code } = wordsFor(notice);
  const { retry_ms } = notice;

  useEffect(() => {
    document.title = title;
  }, [title]);

  useEffect(() => {
    if (retry_ms === null) return;
    return reloadWhenBack(retry_ms, { url: location.href, reload: () => location.reload() });
  }, [retry_ms]);

  return (
    <main class="notice">
      {retry_ms !== null && <div class="spinner" aria-hidden="true" />}
      <h1>{title}</h1>
      <div role="status">
        {text.map((line) => (
          <p key={line}>{withCode(line)}</p>
        ))}
      </div>
      {code !== null && <pre>{code}</pre>}
      <Action notice={notice} />
    </main>
  );
}

/** Links rather than reloads: a link never submits a form twice. */
function Action({ notice }: { notice: Notice }) {
  switch (notice.kind) {
    case "failed":
    case "bad_gateway":
      return (
        <a class="button" href={location.pathname + location.search}>
          Try again
        </a>
      );
    case "not_found":
    case "forbidden":
      return (
        <a class="button" href="/">
          Go to the start page
        </a>
      );
    case "starting":
    case "unavailable":
      return notice.retry_ms === null ? <Back /> : null;
    case "blocked":
      return <Back />;
    case "no_session":
    case "link_used":
      return null;
  }
}

function Back() {
  if (history.length < 2) return null;
  return (
    <button type="button" onClick={() => history.back()}>
      Go back
    </button>
  );
}

/** Renders text between backticks as code. */
function withCode(line: string) {
  return line
    .split("`")
    .map((piece, index) => (index % 2 === 1 ? <code key={piece}>{piece}</code> : piece));
}

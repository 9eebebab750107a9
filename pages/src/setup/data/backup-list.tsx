/** The backups of each database. */

import { useEffect, useState } from "preact/hooks";
import type { SetupBridge } from "../../bridge";
import type { AppIdentity, Backup, DatabaseBackups } from "../../protocol";
import { Confirm } from "../dialog";
import { backupWord, dayWord } from "./words";
import type { RunAction } from "./your-data";

type Props = {
  bridge: SetupBridge;
  app: AppIdentity;
  names: string[];
  busy: string | null;
  run: RunAction;
};

export function BackupList({ bridge, app, names, busy, run }: Props) {
  const [databases, setDatabases] = useState<DatabaseBackups[] | null>(null);
  const [trouble, setTrouble] = useState(false);
  const [chosen, setChosen] = useState<{ database: string; backup: Backup } | null>(null);

  const load = async () => {
    try {
      setDatabases((await bridge.send({ op: "backups" })).databases);
      setTrouble(false);
    } catch (error) {
      console.error(error);
      setTrouble(true);
    }
  };
  useEffect(() => void load(), [bridge]);

  const backUp = async (database: string) => {
    const outcome = await run({ op: "backup", database }, "Backing up…", "Backed up.");
    if (outcome?.ok) await load();
  };
  const restore = async (database: string, { id }: Backup) => {
    setChosen(null);
    const outcome = await run({ op: "restore", database, id }, "Restoring…", "Restored.");
    if (outcome?.ok) await load();
  };

  return (
    <>
      {names.map((name) => (
        <div class="database" key={name}>
          <div class="row">
            <h3>{names.length === 1 ? "Backups" : `Backups of ${name}`}</h3>
            <button
              type="button"
              aria-disabled={busy !== null}
              {...(names.length === 1 ? {} : { "aria-label": `Back up now: ${name}` })}
              onClick={() => void backUp(name)}
            >
              Back up now
            </button>
          </div>
          <Backups
            backups={databases && backupsOf(databases, name)}
            trouble={trouble}
            busy={busy !== null}
            onReload={() => void load()}
            onRestore={(backup) => setChosen({ database: name, backup })}
          />
        </div>
      ))}
      {chosen !== null && (
        <Confirm
          title="Restore this backup?"
          text={`${app.name} goes back to its data of ${dayWord(chosen.backup.at)}. Changes made since then are replaced.`}
          confirm="Restore"
          onConfirm={() => void restore(chosen.database, chosen.backup)}
          onCancel={() => setChosen(null)}
        />
      )}
    </>
  );
}

function backupsOf(databases: DatabaseBackups[], name: string): Backup[] {
  return databases.find((database) => database.name === name)?.backups ?? [];
}

type ListProps = {
  backups: Backup[] | null;
  trouble: boolean;
  busy: boolean;
  onReload: () => void;
  onRestore: (backup: Backup) => void;
};

function Backups({ backups, trouble, busy, onReload, onRestore }: ListProps) {
  if (trouble) {
    return (
      <p class="help">
        The backups could not be loaded.{" "}
        <button type="button" class="quiet" onClick={onReload}>
          Try again
        </button>
      </p>
    );
  }
  if (backups === null) return <p class="help">Loading…</p>;
  if (backups.length === 0) return <p class="help">No backups yet.</p>;
  const newestFirst = [...backups].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <ul class="backups">
      {newestFirst.map((backup) => (
        <li key={backup.id}>
          <span>
            <time dateTime={backup.at}>{dayWord(backup.at)}</time>
            <small>{backupWord(backup)}</small>
          </span>
          <button
            type="button"
            aria-disabled={busy}
            aria-label={`Restore… ${dayWord(backup.at)}`}
            onClick={() => busy || onRestore(backup)}
          >
            Restore…
          </button>
        </li>
      ))}
    </ul>
  );
}

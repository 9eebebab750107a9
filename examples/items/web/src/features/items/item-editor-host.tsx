import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import type { ItemPublic } from "@/client";
import type { ItemActions } from "@/features/items/use-item-actions";

export type EditorTarget = { kind: "new" } | { kind: "edit"; item: ItemPublic };

const loadEditor = () => import("@/features/items/item-editor");
const ItemEditor = lazy(loadEditor);

export type Editor = ReturnType<typeof useEditorTarget>;

/** Which item the editor is open for, if any. */
export function useEditorTarget() {
  const [target, setTarget] = useState<EditorTarget | null>(null);
  const openNew = useCallback(() => setTarget({ kind: "new" }), []);
  const openItem = useCallback((item: ItemPublic) => setTarget({ kind: "edit", item }), []);
  const close = useCallback(() => setTarget(null), []);
  return useMemo(() => ({ target, openNew, openItem, close }), [target, openNew, openItem, close]);
}

/** Fetches the editor when the page has come to rest, so that it is there when asked for. */
export function ItemEditorHost({ editor, actions }: { editor: Editor; actions: ItemActions }) {
  useEffect(() => {
    const timer = setTimeout(() => void loadEditor(), 300);
    return () => clearTimeout(timer);
  }, []);

  const { target, close } = editor;
  return (
    <Suspense>
      {target ? (
        <ItemEditor
          key={target.kind === "edit" ? target.item.id : "new"}
          target={target}
          actions={actions}
          onClose={close}
        />
      ) : null}
    </Suspense>
  );
}

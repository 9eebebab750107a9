import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { proberServer, suite } from "@/test/fake-server";
import { renderApp } from "@/test/render-app";

const mistake = {
  line: 4,
  column: 5,
  message: "`promt` is not known in a case",
  hint: "Did you mean `prompt`?",
};

it("lists suites, and says of a broken one where", async () => {
  proberServer([], undefined, [
    suite(),
    suite({ id: "mine", name: "mine.yaml", own: true, problems: [mistake] }),
  ]);
  renderApp("/suites");
  const [good, broken] = await screen.findAllByTestId("suite");
  expect(good).toHaveTextContent("2 cases");
  expect(broken).toHaveTextContent("Cannot be used. Line 4: `promt` is not known in a case");
});

it("shows the cases, and the file", async () => {
  proberServer([]);
  renderApp("/suites/short-texts");
  const [first, second] = await screen.findAllByTestId("suite-case");
  expect(first).toHaveTextContent("Has at most 6 words");
  expect(second).toHaveTextContent("Be kind");
  await userEvent.click(screen.getByRole("radio", { name: "YAML" }));
  expect(screen.getByLabelText("The file")).toHaveTextContent("name: Short texts");
  expect(screen.queryByTestId("suite-delete")).toBeNull();
});

it("tells the mistakes of a file with their lines, and takes it once they are gone", async () => {
  const server = proberServer([]);
  server.handlers["POST /api/v1/suites/"] = (_request, body) =>
    (body as { text: string }).text.includes("promt")
      ? { status: 422, body: { detail: "The file has a mistake", problems: [mistake] } }
      : { status: 201, body: suite() };
  const { router } = renderApp("/suites");
  await userEvent.click(await screen.findByTestId("import-suite"));
  expect(screen.getByTestId("suite-save")).toBeDisabled();
  await userEvent.upload(screen.getByTestId("suite-file"), new File(["promt: x"], "a.yaml"));
  await waitFor(() => expect(screen.getByTestId("suite-text")).toHaveValue("promt: x"));
  await userEvent.click(screen.getByTestId("suite-save"));
  expect(await screen.findByTestId("problem")).toHaveTextContent("Line 4`promt` is not known in a case");
  await userEvent.clear(screen.getByTestId("suite-text"));
  await userEvent.type(screen.getByTestId("suite-text"), "prompt: x");
  expect(screen.queryByTestId("problem")).toBeNull();
  await userEvent.click(screen.getByTestId("suite-save"));
  await waitFor(() => expect(router.state.location.pathname).toBe("/suites/short-texts"));
});

it("replaces a suite only when that is wanted", async () => {
  const server = proberServer([]);
  const given: unknown[] = [];
  server.handlers["POST /api/v1/suites/"] = (_request, body) => {
    given.push((body as { replace: boolean }).replace);
    return given.length === 1
      ? { status: 409, body: { detail: "There is a suite “Mine” already" } }
      : { status: 201, body: suite() };
  };
  const { router } = renderApp("/suites");
  await userEvent.click(await screen.findByTestId("import-suite"));
  await userEvent.click(screen.getByRole("button", { name: "Begin with the example" }));
  await userEvent.click(screen.getByTestId("suite-save"));
  await userEvent.click(await screen.findByRole("button", { name: "Replace it" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/suites/short-texts"));
  expect(given).toEqual([false, true]);
});

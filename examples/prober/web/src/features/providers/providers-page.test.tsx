import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { proberServer, provider } from "@/test/fake-server";
import { renderApp } from "@/test/render-app";

it("says who has a key, and what models cost", async () => {
  const openai = provider({
    name: "openai",
    label: "OpenAI",
    ready: false,
    message: "There is no key for OpenAI",
    models: [{ name: "llama-small", input: null, output: null }],
  });
  proberServer([], [provider(), openai]);
  renderApp("/providers");
  const [anthropic, other] = await screen.findAllByTestId("provider");
  expect(anthropic).toHaveTextContent("There is a key. Asked at api.anthropic.com");
  expect(screen.getByRole("table", { name: "Models of Anthropic" })).toHaveTextContent("2.0010.00");
  expect(other).toHaveTextContent("There is no key for OpenAI.");
  expect(screen.getByText(/Open Settings \(Ctrl\+comma\)/)).toBeVisible();
  expect(screen.getByRole("link", { name: "Open settings" })).toHaveAttribute("href", "/.ensconce/settings");
});

it("says what is wrong with the user's own list", async () => {
  const server = proberServer([]);
  server.handlers["GET /api/v1/providers/"] = () => ({
    body: { data: [provider()], problem: "models.yaml, line 2: no", models_file: "/data/models.yaml" },
  });
  renderApp("/providers");
  expect(await screen.findByRole("alert")).toHaveTextContent("models.yaml, line 2: no");
});

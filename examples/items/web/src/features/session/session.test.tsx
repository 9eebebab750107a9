import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it } from "vitest";
import { sessionToken } from "@/features/session/token";
import { type FakeServer, itemServer } from "@/test/fake-server";
import { renderApp } from "@/test/render-app";

let server: FakeServer;
let needsFirstUser: boolean;

beforeEach(() => {
  sessionToken.clear();
  needsFirstUser = false;
  server = itemServer([]);
  server.handlers["GET /api/v1/utils/config"] = () => ({
    body: { auth_required: true, needs_first_user: needsFirstUser, version: "1.2.3" },
  });
  server.handlers["POST /api/v1/login/access-token"] = (_request, form) =>
    String(form).includes("password=right")
      ? { body: { access_token: "good", token_type: "bearer" } }
      : { status: 400, body: { detail: "Incorrect e-mail address or password" } };
  for (const key of ["GET /api/v1/items/", "GET /api/v1/users/me"]) {
    const inside = server.handlers[key];
    server.handlers[key] = (request, body) =>
      inside && request.headers.get("authorization") === "Bearer good"
        ? inside(request, body)
        : { status: 401, body: { detail: "Not authenticated" } };
  }
});

async function logIn(password: string) {
  await userEvent.type(await screen.findByTestId("login-email"), "ada@example.com");
  await userEvent.type(screen.getByTestId("login-password"), password);
  await userEvent.click(screen.getByTestId("login-submit"));
}

it("asks to sign in, says what was wrong, and leads back", async () => {
  const { router } = renderApp("/settings");
  await logIn("wrong");
  expect(await screen.findByText("Incorrect e-mail address or password")).toBeVisible();
  await userEvent.clear(screen.getByTestId("login-password"));
  await userEvent.type(screen.getByTestId("login-password"), "right{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/settings"));
  expect(localStorage.getItem("items:token")).toBe("good");
});

it("signs out when the server no longer knows the token", async () => {
  sessionToken.set("expired");
  const { router } = renderApp("/");
  await screen.findByTestId("login-email");
  expect(router.state.location.pathname).toBe("/login");
  expect(localStorage.getItem("items:token")).toBeNull();
});

it("sets up the first account and signs in with it", async () => {
  needsFirstUser = true;
  let account: unknown;
  server.handlers["POST /api/v1/users/signup"] = (_request, body) => {
    account = body;
    needsFirstUser = false;
    return { status: 201, body: {} };
  };
  const { router } = renderApp("/");
  await userEvent.type(await screen.findByTestId("signup-email"), "ada@example.com");
  await userEvent.type(screen.getByTestId("signup-password"), "short{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("At least 8 characters.");
  await userEvent.clear(screen.getByTestId("signup-password"));
  await userEvent.type(screen.getByTestId("signup-password"), "right-enough{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/"));
  expect(account).toEqual({ email: "ada@example.com", password: "right-enough", full_name: null });
});

it("signs out on request", async () => {
  sessionToken.set("good");
  const { router } = renderApp("/");
  await userEvent.click(await screen.findByTestId("logout"));
  await waitFor(() => expect(router.state.location.pathname).toBe("/login"));
  expect(localStorage.getItem("items:token")).toBeNull();
});

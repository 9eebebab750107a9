import { describe, expect, test } from "vitest";
import { emptyParts, readDatabase, writeDatabase } from "../../src/setup/database-address";

describe("an address", () => {
  test("is taken apart", () => {
    expect(
      readDatabase("postgres://ada:p%40ss%2Fw@db.example:5433/my%20data?sslmode=require"),
    ).toEqual({
      scheme: "postgres",
      host: "db.example",
      port: "5433",
      name: "my data",
      user: "ada",
      password: "p@ss/w",
      options: "?sslmode=require",
    });
  });

  test.each([
    "postgresql://localhost/db",
    "postgresql://ada@localhost/db",
    "postgresql://ada:a%3Ab%21@localhost:5432/db?x=1",
    "postgresql://[::1]:5432/db",
    "mysql://ada:secret@host/",
  ])("%s comes back as it was", (address) => {
    const parts = readDatabase(address);
    expect(parts && writeDatabase(parts)).toBe(address);
  });

  test.each(["", "localhost", "sqlite:///a.db", "postgres://a:b@c@d/e", "postgres://a:%zz@d/e"])(
    "%j has no parts",
    (address) => {
      expect(readDatabase(address)).toBeNull();
    },
  );
});

describe("parts", () => {
  test.each(["p@ss", "a:b/c?d#e", "100%", "läß", "'\"!()*", " spaced "])(
    "a password like %j survives",
    (password) => {
      const parts = { ...emptyParts(null), host: "host", user: "ada", name: "db", password };
      expect(readDatabase(writeDatabase(parts))).toEqual(parts);
      expect(new URL(writeDatabase(parts)).host).toBe("host");
    },
  );

  test("are no address without a host", () => {
    expect(writeDatabase({ ...emptyParts(null), user: "ada" })).toBe("");
  });

  test("begin with the kind of database that the placeholder shows", () => {
    expect(emptyParts("mysql://user@host/name").scheme).toBe("mysql");
    expect(emptyParts("host").scheme).toBe("postgresql");
  });
});

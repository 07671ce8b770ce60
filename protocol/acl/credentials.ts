const redacted = '<redacted>';

/** What a client signs its requests with. Never shows the secret key or the token, however it is printed. Java: `SessionCredentials`. */
export class Credentials {
  readonly accessKey: string;
  readonly #secretKey: string;
  readonly #securityToken: string | undefined;

  constructor(keys: {
    readonly accessKey: string;
    readonly secretKey: string;
    readonly securityToken?: string | undefined;
  }) {
    this.accessKey = keys.accessKey;
    this.#secretKey = keys.secretKey;
    this.#securityToken = keys.securityToken;
  }

  get secretKey(): string {
    return this.#secretKey;
  }

  get securityToken(): string | undefined {
    return this.#securityToken;
  }

  toString(): string {
    return `Credentials(${this.accessKey})`;
  }

  toJSON(): object {
    return { accessKey: this.accessKey, secretKey: redacted };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Credentials { accessKey: '${this.accessKey}', secretKey: ${redacted} }`;
  }
}

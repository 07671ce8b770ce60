import { ProtocolError } from '../errors.ts';

/** Reads the `key=value` lines of a broker's or name server's configuration; comments and blank lines are skipped. Java: `MixAll.string2Properties`. */
export function readConfigText(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    const equals = trimmed.indexOf('=');
    if (trimmed === '' || trimmed.startsWith('#') || equals < 1) continue;
    settings.set(trimmed.slice(0, equals).trim(), trimmed.slice(equals + 1).trim());
  }
  return settings;
}

/** Writes settings as lines. Throws a {@link ProtocolError} for what would become another setting. Java: `MixAll.properties2String`. */
export function writeConfigText(settings: ReadonlyMap<string, string>): string {
  return Array.from(settings, ([key, value]) => {
    if (!/^[^\s=#][^\s=]*$/.test(key) || /[\r\n]/.test(value))
      throw new ProtocolError(
        'configuration',
        `${JSON.stringify(key.slice(0, 60))} has a line break, or its name a blank or an equals sign`,
      );
    return `${key}=${value}\n`;
  }).join('');
}

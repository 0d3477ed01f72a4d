import { SourceLines } from '../native/index.ts';
import type { Profile } from '../profile/profile.ts';
import { type Report, reportOf as reportWith, type ReportOptions } from '../profile/report.ts';

/** What a report shows of a line at most, characters. */
const longestLine = 200;

/** A report whose lines have their source, as it is on the disk now, if it is there and a file: names come from the profile. */
export function reportOf(profile: Profile, options: ReportOptions): Report {
  // Of each line that is shown, its file.
  const sources = new SourceLines({ size: 4 << 20, files: options.top });
  return reportWith(
    profile,
    options,
    (file, line) => sources.line(file, null, line)?.toString('utf8').trim().slice(0, longestLine) ?? null,
  );
}

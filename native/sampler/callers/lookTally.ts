import { grown } from '../tables/grown.ts';

/**
 * Second looks at a doubtful position. One of a long call stays, one from which a generator is resumed again and again in half
 * of them; one of a copy that was torn stays by chance, in a tenth of the looks at most. So many settle it for good or for
 * bad, and after so many sightings it is asked again.
 */
const looks = { toBelieve: 8, toBelieveHalf: 24, enough: 48, again: 1 << 14 };

/** What second looks said of positions and their callees (sites), by the site's number. */
export class LookTally {
  /** 1: stayed in most of them. */
  private proven = new Uint8Array(1024);
  private looks = new Uint16Array(1024);
  private stays = new Uint16Array(1024);

  /** Makes room for so many sites, which are more than before. */
  grow(length: number): void {
    this.proven = grown(this.proven, new Uint8Array(length));
    this.looks = grown(this.looks, new Uint16Array(length));
    this.stays = grown(this.stays, new Uint16Array(length));
  }

  /** Whether a site stayed in most second looks, so that it is right whatever its name. */
  isProven(site: number): boolean {
    return this.proven[site] === 1;
  }

  /** Whether another second look would tell more. */
  wantsLook(site: number): boolean {
    return this.looks[site]! < looks.enough;
  }

  /** A site is doubted. @param seen how often it was met */
  doubted(site: number, seen: number): void {
    if (seen % looks.again !== 0) return;
    this.looks[site] = 0;
    this.stays[site] = 0;
  }

  /**
   * Takes the result of a second look.
   * @param stayed the caller was at the position still, and called the same frame
   * @returns whether the position is believed, this time
   */
  look(site: number, stayed: boolean): boolean {
    if (this.looks[site] === 0xffff) return stayed;
    const count = ++this.looks[site]!;
    if (stayed) this.stays[site]!++;
    const stays = this.stays[site]!;
    if ((count >= looks.toBelieve && stays * 4 >= count * 3) || (count >= looks.toBelieveHalf && stays * 2 >= count)) this.proven[site] = 1;
    return stayed && stays * 2 >= count;
  }
}

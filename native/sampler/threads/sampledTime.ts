/** What samples stand for: looks at a thread, their µs, and those of CPU it used meanwhile. */
export class SampledTime {
  looks = 0;
  time = 0;
  cpu = 0;

  add(time: number, cpu: number): void {
    this.looks++;
    this.time += time;
    this.cpu += cpu;
  }

  set(looks: number, time: number, cpu: number): void {
    this.looks = looks;
    this.time = time;
    this.cpu = cpu;
  }

  /** Adds what another one has, and leaves that nothing. */
  take(other: SampledTime): void {
    this.looks += other.looks;
    this.time += other.time;
    this.cpu += other.cpu;
    other.clear();
  }

  clear(): void {
    this.looks = 0;
    this.time = 0;
    this.cpu = 0;
  }
}

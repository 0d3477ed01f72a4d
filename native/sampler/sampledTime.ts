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

  clear(): void {
    this.looks = 0;
    this.time = 0;
    this.cpu = 0;
  }
}

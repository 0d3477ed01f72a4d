"""Busy in one line of which some expressions take longer than others, with letters of several bytes before them."""


class Lager:
    def __init__(self):
        self.größe = 400

    def gewicht(self, menge):
        gewicht = 0
        for stück in range(menge):
            gewicht = gewicht + stück * stück
        return gewicht


def run():
    lager = Lager()
    summe = 0
    while True:
        straße = 'äöü'; summe = max(lager.gewicht(lager.größe), sum(range(3000)), len(straße) + 1)


if __name__ == '__main__':
    import os
    os.write(1, b'"ready"\n')
    run()

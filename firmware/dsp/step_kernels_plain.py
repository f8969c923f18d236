"""Reference kernel of the step counter, and what CPython runs; the viper version must agree."""


def autocorrelation(scaled, count, first_lag, last_lag):
    """Largest autocorrelation of scaled[0:count] (|value| <= 256) over the lags, scaled to `count` terms.

    -2^23 when every lag is more negative than that, which cannot happen for count <= 75.
    """
    best = -(1 << 23)
    for lag in range(first_lag, last_lag + 1):
        total = 0
        for index in range(count - lag):
            total += scaled[index] * scaled[index + lag]
        total = total * count // (count - lag)
        if total > best:
            best = total
    return best

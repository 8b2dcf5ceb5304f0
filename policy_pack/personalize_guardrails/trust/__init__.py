"""The trust rule: a search for a counterexample, a request that a trust policy allows and should not.

A condition on a key is a set of patterns, and a pattern with `*` and `?` is a finite automaton (a glob). The values
that a key can have are an automaton, too: twelve digits, the ARNs of a service, the names of regions. Run side by side,
letter by letter, these automata reach joint states; two values that reach the same one cannot be distinguished by any
condition. So one value of each class decides about all, and the search is exhaustive although there are endlessly many.

An example, where account 123456789012 is trusted:

    Allow  personalize.amazonaws.com  StringLike     aws:SourceAccount  1234*
                                      ArnLike        aws:SourceArn      arn:aws:personalize:*:123456789012:*
    Deny   *                          StringNotLike  aws:SourceAccount  *9012

    aws:SourceAccount   twelve digits  x  1234*  x  *9012  ->  123456789012   Allow holds, Deny does not apply
                                                               123499999012   Allow holds, Deny does not apply
                                                               123499999999   Allow holds, Deny applies
                                                               (and one for each way in which the Allow does not hold)
    aws:SourceArn       the ARNs of Personalize  x  the pattern  ->  arn:aws:personalize:us-east-1:123456789012:...

    Absent keys, or account and ARN that agree on an untrusted account?   none is allowed
    An account that disagrees with the ARN, beside a trusted one?         123499999012: the document is unguarded

`parse` reads the document into statements and tests of one key, `automata` finds values that meet what an Allow asks
for and what denials forbid, `search` puts them together to requests, `check` gives the verdict. Only denials that were
found to deny a request are looked at. `services` says what is known of requests, `remedies` what to write instead.
"""

from __future__ import annotations

from personalize_guardrails.trust.check import check_trust_policy
from personalize_guardrails.trust.findings import Finding, Kind, Witness
from personalize_guardrails.trust.settings import TrustSettings

__all__ = ["Finding", "Kind", "TrustSettings", "Witness", "check_trust_policy"]

#!/usr/bin/perl
# hostile-qemu.pl - stands in for QEMU: a guest whose agent lies on descriptor 3.
#
# MODE (replaced by the test) says which lie. Until the first START everything is as it should be.
use strict;
use warnings;

my $mode = 'MODE';
open(my $agent, '+<&=', 3) or die "no agent socket: $!";

sub frame {
    my ($type, $stream, $exec, $payload) = @_;
    return pack('N C C n Q>', length $payload, $type, $stream, 0, $exec) . $payload;
}

sub say_ {
    my ($bytes) = @_;
    while (length $bytes) {
        my $count = syswrite($agent, $bytes);
        exit 0 unless $count;
        substr($bytes, 0, $count) = '';
    }
}

sub bytes {
    my ($wanted) = @_;
    my $got = '';
    while (length $got < $wanted) {
        sysread($agent, $got, $wanted - length $got, length $got) or exit 0;
    }
    return $got;
}

sub hear {
    my ($length, $type, undef, undef, $exec) = unpack('N C C n Q>', bytes(16));
    return ($type, $exec, $length ? bytes($length) : '');
}

sub data {
    my ($exec, $offset, $length) = @_;
    return frame(0x20, 1, $exec, pack('Q>', $offset) . 'x' x $length);
}

say_(frame(0x40, 0, 0, pack('N n n Q> N', 0x6d736231, 1, 1, 0, 0)));
my ($type) = hear();
die "expected CONFIGURE, not $type" unless $type == 0x41;
if ($mode eq 'boot-failed') {
    say_(frame(0x43, 0, 0, pack('N N/a N/a', 19, 'mount', '/dev/vda')));
    sleep 1000;
}
say_(frame(0x42, 0, 0, pack('Q>', 5)));

while (1) {
    my ($type, $exec) = hear();
    next unless $type == 0x11;
    my $started = frame(0x30, 0, $exec, pack('N Q>', 1, 262144));
    my $exit = frame(0x32, 0, $exec, pack('C4 Q>7', 0, 0, 0, 0, (0) x 7));
    if    ($mode eq 'exit-first') { say_($exit) }
    elsif ($mode eq 'unknown')    { say_($started . data($exec + 900, 0, 5)) }
    elsif ($mode eq 'garbage')    { say_($started . "\xff" x 100) }
    elsif ($mode eq 'huge')       { say_($started . pack('N C C n Q>', 0x7fffffff, 0x20, 1, 0, $exec)) }
    elsif ($mode eq 'gap')        { say_($started . data($exec, 17, 5)) }
    elsif ($mode eq 'flood')      { say_($started); my $at = 0; while (1) { say_(data($exec, $at, 60000)); $at += 60000 } }
    elsif ($mode eq 'short')      { say_($started . frame(0x32, 0, $exec, pack('C4 Q>7', 0, 0, 0, 0, 500, (0) x 6)) . frame(0x22, 1, $exec, pack('Q>', 0))) }
    elsif ($mode eq 'hangup')     { exit 0 }
    else                          { die "no such mode: $mode" }
}

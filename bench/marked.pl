# A service that notes times: `perl marked.pl MARKS STEP...` does its steps one after another.
#
# A mark is a message to the socket MARKS, which the kernel stamps with the time of its sending.
# Perl, because it starts in a millisecond where Python takes ten.
use strict;
my $marks = shift;
socket(my $out, 1, 2, 0) or die "socket: $!";

sub tell_ { my ($path, $text) = @_; send($out, $text, 0, pack("Sa*", 1, $path)) // die "$path: $!" }

# Lines as a server's log has them, a pipe's fill at a time.
sub write_lines {
    my ($length, $bytes) = split /,/, shift;
    my $words = "INFO  request 4711 for /api/v1/items was answered with status 200 in 3 ms ";
    my $line = substr($words x (1 + $length / length $words), 0, $length - 1) . "\n";
    my $chunk = $line x (65536 / $length);
    for (my $left = $bytes; $left > 0; $left -= length $chunk) {
        for (my $done = 0; $done < length $chunk;) {
            $done += syswrite(STDOUT, $chunk, length($chunk) - $done, $done) // die "stdout: $!";
        }
    }
}

my $listener;
my %steps = (
    mark => sub { tell_($marks, shift) },
    wait => sub { select(undef, undef, undef, shift() / 1000) },
    # As under systemd, and as under s6.
    notify => sub { tell_($ENV{NOTIFY_SOCKET}, "READY=1") },
    newline => sub { open(my $to, ">&=", 3); syswrite($to, "\n") },
    say => sub { syswrite(STDOUT, shift() . "\n") },
    unix => sub { socket($listener, 1, 1, 0); bind($listener, pack("Sa*", 1, shift)) or die; listen($listener, 99) },
    tcp => sub {
        socket($listener, 2, 1, 0);
        bind($listener, pack("SnC4x8", 2, shift, 127, 0, 0, 1)) or die "bind: $!";
        listen($listener, 99);
    },
    lines => \&write_lines,
    # The mark before it is when the other program's exec begins.
    exec => sub { exec split / /, shift },
    crash => sub { kill 9, $$ },
    stay => sub { sleep 1000 while 1 },
);
for (@ARGV) {
    my ($verb, $value) = split /=/, $_, 2;
    $steps{$verb}->($value);
}

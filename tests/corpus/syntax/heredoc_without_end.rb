runbook release, "Release" do
  step build, "Build" do
    sh <<~BUILD, timeout: 5.min
#      ^^^^^^^^ RB0009 the heredoc has no end: no line is just `BUILD`
# help: write `BUILD` on a line of its own after the text
      make all
      make test
    sh "make install"
  end
  step tell, "Tell" do
    notify ops, <<~TEXT
#               ^^^^^^^ RB0009 the heredoc has no end: no line is just `TEXT`
# help: write `TEXT` here, with nothing before it but blanks and nothing after it
      All is done.
      TEXT,
#     ----- RB0009 almost
    note "end of the text"
  end
end

# A rollback from one branch does not know how far the others have come.
runbook t, "T" do
  sh read: "uname", timeout: 5.s, as: system
  parallel do
    branch one, "One" do
      if system.out == "Linux"
        rollback because: "no"
#       ^^^^^^^^^^^^^^^^^^^^^^ RB0103 the rollback reads `word`, which may not be assigned here
# help: ask `assigned(word)` first, or bind it on every path that leads here
      elsif system.out == "Darwin"
        run turns_back
      end
      ask own, string, "A word"
    end
    branch two, "Two" do
      ask word, string, "A word"
#         ---- RB0103 another branch binds it, at the same time
      ask other, string, "Another"
    end
  end
  note "#{own} #{word} #{other}"
  scenario turns_back, "Turns back" do
    rollback because: "no"
  end
  rollback do
    note "#{word}"
#           ---- RB0103 read here
    if assigned(other)
      note "#{other}"
    end
  end
end

Runbook.book "Restart Nginx" do
#^^^^^^^^^^^ RB0038 this is a runbook of the Ruby gem; nothing of Ruby runs here
# help: `runbook KEY, "title" do` … `end` is the form of this language
  description <<-DESC
This is a runbook of another tool
  DESC

  layout [:runbook, [:deploy, :monitor]]

  section "Stop Nginx" do
    server "app01.prod"

    step "Stop Nginx" do
      note "Stopping Nginx..."
      command "service nginx stop"
      assert %q{service nginx status | grep "not running"}
    end

    step { wait 30 }
  end
end
